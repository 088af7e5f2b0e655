"""The folder of the corpus on this machine."""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
BESIDE = CHECKOUT.parent / "shared" / "corpus"
"""A corpus with known answers about its objects, for those who have one."""
OWN = CHECKOUT / ".corpus"
"""The folder for the objects out of the package; git ignores it."""
VARIABLE = "DOSEWIRE_CORPUS"
"""The environment variable that names another folder."""


def find_corpus() -> Path | None:
    """Return the folder with `files/`: what DOSEWIRE_CORPUS names, else the first that exists; None without any."""
    named = os.environ.get(VARIABLE)
    candidates = (Path(named),) if named else (BESIDE, OWN)
    return next((folder for folder in candidates if (folder / "files").is_dir()), None)
