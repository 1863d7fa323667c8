"""A small model of a FlexVPN router, from which configurations and debug logs for tests are written."""
