"""Debug log bytes to negotiations: scan, records, events, negotiations."""
