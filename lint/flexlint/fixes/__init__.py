"""Edits of configurations: made, tried, and kept only where they help."""
