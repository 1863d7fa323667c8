"""One module per output format. A report knows findings and nothing of how they came about."""
