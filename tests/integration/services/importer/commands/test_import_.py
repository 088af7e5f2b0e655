"""`dosewire import` with a real spool, broker, importer and database."""

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.importer.commands import import_
from shared.broker.publisher import Publisher
from shared.broker.topology import IMPORT
from tests.helpers.importer.in_process import Workbench
from tests.helpers.services import Services
from tools.dose_objects import Study, ct_report, fluoroscopy_report, write
from tools.stack.ports import LOOPBACK, free_port

pytestmark = pytest.mark.integration


@pytest.fixture
def installation(database_url: str, amqp_url: str, data_dir: Path) -> dict[str, str | Path]:
    """The settings of the test's own installation."""
    return {"database_url": database_url, "amqp_url": amqp_url, "data_dir": data_dir}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A user's folder: two reports, one of them further down, and two files that are none."""
    folder = tmp_path / "export"
    (folder / "deeper").mkdir(parents=True)
    write(ct_report(study=Study(seed=1)), folder / "ct.dcm")
    write(fluoroscopy_report(study=Study(seed=2)), folder / "deeper" / "fluoroscopy.dcm")
    (folder / "notes.txt").write_text("dose of Tuesday\n" * 30)
    (folder / "empty").touch()
    return folder


def call(*arguments: str | Path, **environment: str | Path) -> Result:
    names = {f"DOSEWIRE_{name.upper()}": str(value) for name, value in environment.items()}
    return CliRunner(env=names).invoke(import_, [str(argument) for argument in arguments])


def digests(folder: Path) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def test_it_imports_a_folder_and_says_what_became_of_each_file(
    services: Services, workbench: Workbench, files: Path, installation: dict[str, str | Path]
) -> None:
    services.start("importer")
    before = digests(files)
    result = call(files, "--wait", "--timeout", "60", **installation)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [f"{files}/ct.dcm: imported", f"{files}/deeper/fluoroscopy.dcm: imported"]
    assert f"{files}/notes.txt: left out: not a DICOM file" in result.stderr
    assert f"{files}/empty: left out: not a DICOM file: it is empty" in result.stderr
    assert "2 of 4 files are in the spool" in result.stderr
    assert digests(files) == before
    assert len(workbench.studies()) == 2

    again = call(files / "ct.dcm", "--wait", "--timeout", "60", **installation)
    assert (again.exit_code, again.stdout) == (
        0,
        f"{files}/ct.dcm: duplicate: this SOP instance is imported already\n",
    )


def test_without_an_importer_the_wait_ends_and_says_so(files: Path, installation: dict[str, str | Path]) -> None:
    result = call(files / "ct.dcm", "--wait", "--timeout", "0.5", **installation)
    assert (result.exit_code, result.stdout) == (1, f"{files}/ct.dcm: not imported yet\n")


def test_without_waiting_the_work_is_in_the_queue(files: Path, amqp_url: str, data_dir: Path) -> None:
    result = call(files / "ct.dcm", amqp_url=amqp_url, data_dir=data_dir)
    assert result.exit_code == 0
    with Publisher(amqp_url=amqp_url, name="test") as publisher:
        assert publisher.depth(IMPORT.work) == 1


def test_without_a_broker_the_copies_are_safe(files: Path, data_dir: Path) -> None:
    result = call(files / "ct.dcm", files / "deeper", amqp_url=f"amqp://{LOOPBACK}:{free_port()}/", data_dir=data_dir)
    assert result.exit_code == 0
    assert result.stderr.count("safe in the spool") == 1
    assert len(list((data_dir / "incoming").glob("*.dcm"))) == 2
