"""Dose reports (Structured Reports): one module for each part of a dose document and each vendor peculiarity."""
