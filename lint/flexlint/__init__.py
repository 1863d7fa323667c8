"""flexlint holds a Cisco FlexVPN / IKEv2 configuration against what the router's debug log says happened."""

__version__ = "0.1.0"
