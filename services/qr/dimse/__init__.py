"""DICOM's DIMSE services as SCU: Verification, Query and Retrieve."""
