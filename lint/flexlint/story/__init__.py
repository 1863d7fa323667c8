"""Negotiations as a person reads them."""
