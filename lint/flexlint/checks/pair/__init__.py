"""Checks that hold a negotiation against the configuration of its router, one module per family."""
