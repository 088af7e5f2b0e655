"""Remote nodes: their address, operations, association, errors, statuses and time limits."""
