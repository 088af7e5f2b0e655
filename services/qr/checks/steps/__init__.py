"""The steps of a node test: each operation that a job uses on a remote node, tried once and explained."""
