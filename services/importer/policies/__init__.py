"""The policies: for the identity of patients, for equipment that is ignored, for files of imported objects."""
