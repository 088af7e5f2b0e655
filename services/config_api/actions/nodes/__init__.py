"""Actions on store nodes, remote nodes and rejected callers."""
