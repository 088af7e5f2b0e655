"""The queries of a job: the ranges of dates and times at STUDY level, the progress, series and instances."""
