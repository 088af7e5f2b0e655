"""Storage of dose documents as rows of PostgreSQL."""
