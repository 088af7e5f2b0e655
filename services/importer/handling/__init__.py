"""Handling of import messages: read, store, dispose of the file, acknowledge."""
