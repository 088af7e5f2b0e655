"""The AE titles that Dosewire accepts: letters and digits for store nodes, all that DICOM allows for remote nodes."""

import re

_AE_TITLE = re.compile(r"[A-Za-z0-9]{1,16}")
_DICOM_AE_TITLE = re.compile(r"[ -\[\]-~]{1,16}")


def parse_ae_title(text: str) -> str:
    """Return `text` without surrounding blanks when it is an AE title of letters and digits.

    PS3.5 section 6.2 (VR AE) allows up to 16 characters and more punctuation; letters and digits are safe with every
    peer, log and configuration file. Case is kept: AE titles are case-sensitive.

    Raises:
        ValueError: with the reason in words.
    """
    title = text.strip()
    if not _AE_TITLE.fullmatch(title):
        raise ValueError("an AE title has 1 to 16 characters, letters A-Z and digits only")
    return title


def parse_remote_ae_title(text: str) -> str:
    """Return `text` without surrounding blanks when DICOM allows it as an AE title.

    PS3.5 section 6.2 (VR AE): 1 to 16 characters of the default repertoire without backslash and control characters.
    A PACS that is there has the title that it has, underscores and all.

    Raises:
        ValueError: with the reason in words.
    """
    title = text.strip(" ")
    if not _DICOM_AE_TITLE.fullmatch(title):
        raise ValueError("an AE title has 1 to 16 characters of ASCII, without backslash and control characters")
    return title
