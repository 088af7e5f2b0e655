"""Alembic's migrations. `shared.database.migrate` runs them."""
