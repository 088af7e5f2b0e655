"""A remote node as a job sees it: its address, the operations, the association, errors, statuses and time limits."""
