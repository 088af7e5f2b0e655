"""Reading of the header that every object has: what the object is, and study, patient, procedure and equipment."""
