"""The state of query/retrieve jobs in PostgreSQL, and the pure decisions about it."""
