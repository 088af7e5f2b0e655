"""Reading of the header that every object has: object, study, patient, procedure and equipment."""
