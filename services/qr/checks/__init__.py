"""Checks of nodes: the test of a remote node step by step, and C-ECHO for the state of nodes on the pages."""
