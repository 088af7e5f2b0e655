"""The spool: its folders, durable writing, file meta information, trace ids."""
