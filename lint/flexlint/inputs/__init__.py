"""Files in: their bytes, what they are, which belong together."""
