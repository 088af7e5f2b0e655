"""The sample examinations of the demonstration, and the commands by which a modality sends them."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydicom.dataset import Dataset

from tools.dose_objects import (
    Equipment,
    Patient,
    Study,
    ct_report,
    fluoroscopy_report,
    radiography_report,
    write,
)
from tools.stack.errors import StackError
from tools.stack.ports import LOOPBACK
from tools.stack.programs import system_path

CT = Equipment(manufacturer="Example Medical", model="Spiral One", station_name="CT01")
CT_EMERGENCY = Equipment(manufacturer="Sample Imaging", model="Volume 640", station_name="CT02", serial_number="77120")
ANGIOGRAPHY = Equipment(manufacturer="Example Medical", model="Angio Two", station_name="XA01")
BIPLANE = Equipment(manufacturer="Sample Imaging", model="Biplane 12", station_name="XA02", serial_number="88")
RADIOGRAPHY = Equipment(manufacturer="Example Medical", model="Digital Wall", station_name="DX01")

FIRST_DAY = datetime(2026, 3, 14, 8, 5)  # noqa: DTZ001 - DICOM dates have no zone


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A report as a file, and who sends it."""

    path: Path
    study_instance_uid: str
    calling_ae_title: str


def make_samples(folder: Path) -> list[Sample]:
    """Writes one day's examinations into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, (report, station) in enumerate(_reports(), start=1):
        path = write(report, folder / f"{number:02d}-{station}.dcm")
        made.append(Sample(path=path, study_instance_uid=report.StudyInstanceUID, calling_ae_title=station))
    return made


def _reports() -> Iterator[tuple[Dataset, str]]:
    patients = iter(range(1, 100))

    def study(description: str) -> Study:
        number = next(patients)
        return Study(
            seed=number,
            description=description,
            started_at=FIRST_DAY + timedelta(minutes=37 * number),
            patient=Patient(name=f"Sample^Patient{number:02d}", id=f"DEMO-{number:04d}"),
        )

    yield ct_report(study=study("CT Thorax/Abdomen"), equipment=CT, events=6), CT.station_name
    yield ct_report(study=study("CT Thorax"), equipment=CT, events=3), CT.station_name
    yield ct_report(study=study("Polytrauma"), equipment=CT_EMERGENCY, events=6), CT_EMERGENCY.station_name
    yield fluoroscopy_report(study=study("Coronary angiography"), equipment=ANGIOGRAPHY, events=12), "XA01"
    yield fluoroscopy_report(study=study("Cerebral aneurysm"), equipment=BIPLANE, events=18, biplane=True), "XA02"
    yield radiography_report(study=study("Chest PA and lateral"), equipment=RADIOGRAPHY, events=2), "DX01"


def send(sample: Sample, *, called_ae_title: str, port: int) -> None:
    """Sends a file by C-STORE with DCMTK, as the modality would.

    Raises:
        StackError: it was not answered with Success.
    """
    program = shutil.which("storescu", path=system_path())
    if program is None:
        raise StackError("storescu is missing. An administrator runs: apt-get install dcmtk")
    command = [program, "-aet", sample.calling_ae_title, "-aec", called_ae_title, LOOPBACK, str(port)]
    done = subprocess.run([*command, sample.path], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise StackError(f"{' '.join(command)} {sample.path} failed:\n{done.stdout}{done.stderr}")
