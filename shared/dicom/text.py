"""Text values: character sets (PS3.5 section 6.1, PS3.3 section C.12.1.1.2) and padding.

The tables of character sets and of the escape sequences that switch between them are pydicom's. Decoding is ours: the
common case is fast, undecodable text becomes replacement characters, and a text of escape sequences alone takes no more
time than any other.
"""

import codecs
import warnings
from functools import lru_cache

from pydicom.charset import CODES_TO_ENCODINGS, convert_encodings, handled_encodings, python_encoding
from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

DEFAULT_ENCODINGS = ("iso8859",)
ESCAPE = b"\x1b"
MAX_ESCAPES = 1000
"""The most changes of character set in one text; the rest of the text keeps the first one."""
_DELIMITERS = frozenset(TEXT_VR_DELIMS | PN_DELIMS)
_CODECS = frozenset(codecs.lookup(encoding).name for encoding in python_encoding.values())
_WINDOWS_CODE_PAGES = "cp125"


@lru_cache(maxsize=64)
def python_encodings(character_sets: tuple[str, ...]) -> tuple[str, ...]:
    """Return the Python codecs for the values of Specific Character Set (0008,0005), the default for unknown ones."""
    if not any(character_sets):
        return DEFAULT_ENCODINGS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        encodings = convert_encodings(list(character_sets))
    return tuple(encoding if _is_character_set(encoding) else DEFAULT_ENCODINGS[0] for encoding in encodings)


def _is_character_set(encoding: str) -> bool:
    """Whether a codec is one of a character set: pydicom takes any that Python has, slow and raising ones too."""
    name = codecs.lookup(encoding).name
    return name in _CODECS or name.startswith(_WINDOWS_CODE_PAGES)


def decode_text(raw: bytes, encodings: tuple[str, ...] = DEFAULT_ENCODINGS) -> str:
    """Return the text of a value, without padding and surrounding blanks; undecodable bytes are replaced."""
    if ESCAPE in raw:
        head, *fragments = raw.split(ESCAPE, MAX_ESCAPES)
        text = head.decode(encodings[0], "replace")
        text += "".join(_decode_fragment(ESCAPE + fragment, encodings) for fragment in fragments)
    elif raw.isascii():
        text = raw.decode("ascii")
    else:
        text = raw.decode(encodings[0], "replace")
    return text.strip(" \0\t\r\n").replace("\0", " ")


def _decode_fragment(raw: bytes, encodings: tuple[str, ...]) -> str:
    """Decode what begins with an escape sequence; with the first character set when it names none of the others."""
    length = 4 if raw.startswith((b"\x1b$(", b"\x1b$)")) else 3
    encoding = CODES_TO_ENCODINGS.get(raw[:length])
    if encoding in encodings or encoding == DEFAULT_ENCODINGS[0]:
        try:
            if encoding in handled_encodings:  # Python knows their escape sequences.
                return raw.decode(encoding)
            reset = next((at for at in range(length, len(raw)) if raw[at] in _DELIMITERS), len(raw))
            return raw[length:reset].decode(encoding) + raw[reset:].decode(encodings[0])
        except UnicodeError:
            pass
    return raw.decode(encodings[0], "replace")
