"""The supervision of nodes: their processes are started, watched by C-ECHO, started again, and stopped."""
