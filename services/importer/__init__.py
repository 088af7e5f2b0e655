"""The importer: takes objects from the spool, reads the dose out of them and writes it to PostgreSQL."""
