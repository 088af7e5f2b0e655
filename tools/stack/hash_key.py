"""The hash key of the privacy policy on this machine, one for the life of a data folder."""

import os
import secrets
from pathlib import Path


def hash_key_file(folder: Path) -> Path:
    """Return the file of the key; it is made where there is none, whole and for its owner alone."""
    path = folder / "privacy_hash_key"
    if not path.exists():
        unfinished = folder / f".privacy_hash_key-{secrets.token_hex(8)}"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    return path
