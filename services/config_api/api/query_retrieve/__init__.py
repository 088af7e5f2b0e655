"""REST resources of query/retrieve: jobs and schedules."""
