"""What becomes of negotiations and findings in a run, between the log and the report."""
