"""PostgreSQL: the models, the migrations and the connection."""
