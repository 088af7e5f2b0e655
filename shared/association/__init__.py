"""Opening DICOM associations (PS3.8), and everything that reaches into private parts of pynetdicom."""
