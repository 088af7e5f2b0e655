"""Plausibility: flags for values that cannot be right. Nothing is corrected."""
