"""Testing a remote node in the five steps of a query/retrieve job, each explained."""
