"""Stored studies: the mapping between the tables and the public JSON of a dose document."""

from shared.stored_study.read import StoredStudy, find_studies, read_studies

__all__ = ["StoredStudy", "find_studies", "read_studies"]
