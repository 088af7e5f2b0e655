"""The dose document: the dose of an object or a study in one shape, from extraction to the public JSON."""
