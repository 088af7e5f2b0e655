"""Opening and accepting DICOM associations (PS3.8): the only package that reaches into private parts of pynetdicom.

pynetdicom is pinned to the releases in which these parts were read, and a test of this package lists them. Elsewhere
only its documented `AE`, `Association`, `evt` and presentation contexts are used.
"""
