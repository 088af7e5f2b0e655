"""Common to all actions: input models with their field types, and changes of rows."""
