"""A remote node as a job sees it: the operations, the association, errors, statuses and time limits."""
