"""Policies: what is stored of a patient, what is ignored, what becomes of the files."""
