"""Checks of one negotiation or of a whole log, without a configuration."""
