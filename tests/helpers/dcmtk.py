"""DCMTK's command line tools, as a hospital's own administrator would use them."""

import shutil
import subprocess
from pathlib import Path

from tools.peers.real_pacs import ENVIRONMENT


def dcmtk(program: str, *arguments: str | int | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a tool and return what it said; pynetdicom's programs of the same names are left aside."""
    done = subprocess.run(command(program, *arguments), check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 or not check, f"{program} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done


def command(program: str, *arguments: str | int | Path) -> list[str]:
    """Return the command line of a tool, for whoever starts it in another way."""
    path = shutil.which(program, path=ENVIRONMENT["PATH"])
    assert path is not None, f"{program} is not installed: apt-get install dcmtk"
    return [path, *map(str, arguments)]
