"""Checks of one IKE SA from both ends: both configurations, and the log of one or both."""
