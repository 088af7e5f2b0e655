"""PostgreSQL: the models, the migrations, and how to connect."""
