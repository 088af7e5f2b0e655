"""The supervisor's side of the database: tables, the thread that uses them, and rejections that wait to be written."""
