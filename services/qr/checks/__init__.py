"""Checks of nodes: the test of a remote node step by step, and C-ECHO for the pages that show who is alive."""
