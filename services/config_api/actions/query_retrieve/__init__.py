"""Actions on query/retrieve jobs, their studies, and schedules."""
