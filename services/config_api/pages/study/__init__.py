"""The page of a stored study."""
