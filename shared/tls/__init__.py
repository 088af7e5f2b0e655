"""TLS of store nodes and of calls to remote nodes: the profile, the files, and the explanation of failures."""
