"""Common to the supervisor and the node processes: definitions, messages between them, rejections, TLS files."""
