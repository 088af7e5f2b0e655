"""The overview: nodes, queues, rejected callers, studies and received objects."""
