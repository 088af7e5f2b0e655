"""The pages of query/retrieve: jobs with their progress and their explanations, schedules, tests of remote nodes."""
