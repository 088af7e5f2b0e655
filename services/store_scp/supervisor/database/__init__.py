"""The supervisor's side of the database: the tables, the thread that talks to them, and rejections until written."""
