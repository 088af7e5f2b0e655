"""Actions on stored studies and received objects."""
