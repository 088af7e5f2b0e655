"""The spool: the folders, durable writing, file meta information, trace ids."""
