"""The steps of a node test, each explained: what a job does with a remote node, tried once."""
