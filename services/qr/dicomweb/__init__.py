"""DICOM web services as another way to a remote node: QIDO-RS to query, WADO-RS to retrieve (PS3.18)."""
