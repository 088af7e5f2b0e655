"""Which ranges of dates and times a remote node is asked for."""
