"""Text values: character sets (PS3.5 section 6.1, PS3.3 section C.12.1.1.2) and padding.

The character set tables and the code extension techniques are pydicom's; here stands what makes the common
case cheap and keeps odd text from costing more than a replacement character.
"""

import warnings
from collections.abc import Sequence
from functools import lru_cache

from pydicom.charset import convert_encodings, decode_bytes
from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

DEFAULT_ENCODINGS = ("iso8859",)
_ESCAPE = b"\x1b"
_DELIMITERS = TEXT_VR_DELIMS | PN_DELIMS


@lru_cache(maxsize=64)
def python_encodings(character_sets: tuple[str, ...]) -> tuple[str, ...]:
    """Return the Python codecs for the values of Specific Character Set (0008,0005), unknown ones left out."""
    if not any(character_sets):
        return DEFAULT_ENCODINGS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return tuple(convert_encodings(list(character_sets)))
        except LookupError:
            return DEFAULT_ENCODINGS


def decode_text(raw: bytes, encodings: Sequence[str] = DEFAULT_ENCODINGS) -> str:
    """Return the text of a value, without padding and surrounding blanks; undecodable bytes are replaced."""
    if _ESCAPE not in raw:
        if raw.isascii():
            text = raw.decode("ascii")
        else:
            try:
                text = raw.decode(encodings[0], errors="replace")
            except LookupError:
                text = raw.decode(DEFAULT_ENCODINGS[0])
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = decode_bytes(raw, list(encodings), _DELIMITERS)
    return text.strip(" \0\t\r\n").replace("\0", " ")
