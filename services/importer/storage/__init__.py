"""Storage: how dose documents become rows of PostgreSQL."""
