"""DICOM web services as a user agent (PS3.18): QIDO-RS (section 10.6) and WADO-RS (section 10.4)."""
