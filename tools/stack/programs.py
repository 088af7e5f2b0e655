"""Programs of the distribution, found from inside an activated environment, too."""

import os
import sys
from pathlib import Path


def system_path() -> str:
    """The PATH without our own environment, and with the folder of administrators' programs.

    pynetdicom brings programs with the names of DCMTK's (storescu, echoscu ...) which take other options.
    """
    own = {Path(sys.prefix) / "bin", Path(sys.executable).parent}
    folders = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(folder) not in own]
    return os.pathsep.join([*folders, *({"/usr/sbin"} - set(folders))])
