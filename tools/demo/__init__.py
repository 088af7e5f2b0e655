"""The demonstration and `scripts/up`: Dosewire on this machine with sample objects."""
