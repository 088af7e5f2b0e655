"""The query of a job at STUDY level: which ranges of dates and times a remote node is asked for."""
