"""DICOM peers that are not ours: real PACS of the distribution, and peers that misbehave on purpose."""
