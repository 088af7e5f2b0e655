"""The steps of a job: each is one short message that any worker can take."""
