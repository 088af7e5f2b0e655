"""The presentation contexts for C-GET: storage SOP classes, each with its transfer syntaxes.

An association has at most 128 presentation contexts, and an archive picks one transfer syntax for each before it knows
which objects it will send. So each compressed transfer syntax needs a context of its own, and there is room for those
of the images that a job can want; the others can come uncompressed. Objects in other transfer syntaxes are converted by
the archive, or fail: then use C-MOVE, which has no such limit.
"""

from itertools import product

from pydicom.uid import UID
from pynetdicom.presentation import PresentationContext, build_context

from shared.dicom import uid

MOST_CONTEXTS = 128
"""Presentation context IDs are the odd numbers from 1 to 255 (PS3.8 section 9.3.2.2)."""

UNCOMPRESSED = (uid.EXPLICIT_LITTLE_ENDIAN, uid.IMPLICIT_LITTLE_ENDIAN)
"""Explicit and Implicit VR Little Endian; every node has to support the second (PS3.5 section 10.1)."""

COMPRESSED = (
    uid.JPEG_LOSSLESS,
    uid.JPEG_2000_LOSSLESS,
    uid.JPEG_2000,
    uid.JPEG_LS_LOSSLESS,
    uid.JPEG_BASELINE,
    uid.JPEG_EXTENDED,
    uid.RLE_LOSSLESS,
)
"""Of images in archives: JPEG lossless, JPEG 2000 lossless and lossy, JPEG-LS, JPEG baseline and extended, RLE."""

REPORTS = tuple(
    f"{uid.STRUCTURED_REPORTS}{number}" for number in (11, 22, 33, 34, 35, 40, 50, 59, 65, 67, 68, 71, 73, 74, 75, 76)
)
"""Structured reports: radiation dose, and the other classes found in SR series, as nodes may not return the class."""

IMAGES_THAT_TELL_DOSE = tuple(
    uid.STORAGE + number for number in ("1", "1.1", "1.1.1", "1.2", "1.2.1", "13.1.3", "2", "2.1", "7", "20", "128")
)
"""CR, DX, mammography and tomosynthesis, CT and Enhanced CT, secondary capture, nuclear medicine, PET."""

OTHERS = tuple(
    uid.STORAGE + number
    for number in (
        *("12.1", "12.1.1", "12.2", "12.2.1", "13.1.1", "13.1.2", "13.1.4", "13.1.5", "1.3", "1.3.1"),
        *("2.2", "128.1", "130", "7.1", "7.2", "7.3", "7.4", "11.1"),
    )
)
"""Other objects of studies with dose: angiography and fluoroscopy, enhanced and multi-frame images, presentation."""

SOP_CLASSES = tuple(UID(one) for one in (*REPORTS, *IMAGES_THAT_TELL_DOSE, *OTHERS))


def storage_contexts() -> list[PresentationContext]:
    """Return the presentation contexts that a C-GET proposes for objects."""
    return [
        *(build_context(sop_class, list(UNCOMPRESSED)) for sop_class in SOP_CLASSES),
        *(build_context(sop_class, syntax) for sop_class, syntax in product(IMAGES_THAT_TELL_DOSE, COMPRESSED)),
    ]
