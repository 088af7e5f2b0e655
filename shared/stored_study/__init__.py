"""Stored studies as the public JSON of a dose report, and the layout of that JSON in tables."""

from shared.stored_study.read import StoredStudy, find_studies, read_studies

__all__ = ["StoredStudy", "find_studies", "read_studies"]
