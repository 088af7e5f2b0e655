"""Dose in the headers of images."""
