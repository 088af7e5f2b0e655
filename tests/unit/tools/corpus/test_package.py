"""Taking the corpus out of a package: what is wanted comes, whole, and nothing else."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from tools.corpus.package import FOLDER_IN_PACKAGE, read_list, unpack

CONTENT = {"one.dcm": b"one", "two.dcm": b"two", "other.dcm": b"other"}
WANTED = {name: hashlib.sha256(CONTENT[name]).hexdigest() for name in ("one.dcm", "two.dcm")}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in CONTENT.items():
            archive.writestr(str(FOLDER_IN_PACKAGE / name), content)
    return path


def test_the_wanted_files_are_taken_out(package: Path, tmp_path: Path) -> None:
    unpack(package, tmp_path / "corpus", wanted=WANTED)
    assert {path.name: path.read_bytes() for path in (tmp_path / "corpus" / "files").iterdir()} == {
        "one.dcm": b"one",
        "two.dcm": b"two",
    }


def test_another_file_of_the_same_name_is_refused(package: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^one\.dcm in package\.whl is not the file that the tests are made for$"):
        unpack(package, tmp_path / "corpus", wanted=WANTED | {"one.dcm": "0" * 64})


def test_the_list_names_dicom_files_with_their_hashes() -> None:
    wanted = read_list()
    assert len(wanted) == 46
    assert all(name.endswith(".dcm") and len(sha256) == 64 for name, sha256 in wanted.items())
