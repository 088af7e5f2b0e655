"""TLS of store nodes and of calls to remote nodes: the profile, the files, and what to say of failures."""
