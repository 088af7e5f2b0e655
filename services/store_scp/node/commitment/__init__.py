"""Requests for storage commitment (N-ACTION, PS3.4 section J.3.2), as a node process takes them."""
