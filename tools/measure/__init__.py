"""Watching the product while it works: its processes, jobs and store nodes."""
