"""The nodes as their supervisor has them: their processes, started, watched by C-ECHO, started again and stopped."""
