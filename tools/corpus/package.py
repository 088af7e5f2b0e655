"""The package of OpenREM: downloading it, and taking the objects of the corpus out of it."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

REQUIREMENT = "openrem==1.0.0b3 --hash=sha256:0e788172f6882dff0b914ce2390c91e7615bdaa632abae1667c7c15b14d99fee"
FILES = Path(__file__).with_name("files.sha256")
"""Names and SHA-256 of the objects, as sha256sum writes them."""
FOLDER_IN_PACKAGE = PurePosixPath("openrem/remapp/tests/test_files")


def download(folder: Path) -> Path:
    """Have pip download the wheel, whose hash it checks, into a folder; return its path.

    Raises:
        subprocess.CalledProcessError: pip could not; it has said why.
    """
    requirements = folder / "requirements.txt"
    requirements.write_text(REQUIREMENT)
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "--disable-pip-version-check"]
    where = ["--requirement", str(requirements), "--dest", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, *where], check=True)
    return next(folder.glob("*.whl"))


def unpack(package: Path, folder: Path, *, wanted: dict[str, str]) -> None:
    """Write the wanted files of a wheel into `folder/files`.

    Args:
        package: the wheel.
        folder: made where it is not there.
        wanted: names of files with the SHA-256 of each.

    Raises:
        ValueError: a file in the wheel is another one.
        KeyError: a file is not in the wheel.
    """
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(package) as archive:
        for name, sha256 in wanted.items():
            content = archive.read(str(FOLDER_IN_PACKAGE / name))
            if hashlib.sha256(content).hexdigest() != sha256:
                raise ValueError(f"{name} in {package.name} is not the file that the tests are made for")
            (files / name).write_bytes(content)


def read_list(path: Path = FILES) -> dict[str, str]:
    """Return the names of the files in a list with the SHA-256 of each."""
    return {name: sha256 for sha256, name in (line.split() for line in path.read_text().splitlines())}
