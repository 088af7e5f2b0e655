"""Dispatch: one message to the importers for each object in the spool."""
