"""DICOM basics that need no network: identifiers, status codes, headers and kinds of dose objects."""
