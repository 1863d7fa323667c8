"""The checks behind the rule cards, one module per family."""
