"""Checks of one configuration, one module per family."""
