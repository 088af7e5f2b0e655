"""REST resources of store nodes, remote nodes, and rejected callers."""
