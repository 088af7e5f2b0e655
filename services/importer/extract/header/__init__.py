"""The dose document: its shape, and its parts that come from the header of any object."""
