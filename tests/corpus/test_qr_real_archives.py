"""The archives of the distribution, filled with the corpus: jobs for each class, given as a person gives them.

What they retrieve is held against the table of the documentation, read from the objects' own headers
(`tests.helpers.qr.retrieve_table`). A report of the corpus lies alone in its study, as the test set has it; most get an
image beside them, as in life, and every third stays a study of reports only.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from pydicom import dcmread
from pydicom.uid import generate_uid
from sqlalchemy import select

from services.config_api.cli.client import VARIABLE
from services.config_api.cli.qr_command import qr
from shared.database.engine import make_engine
from shared.database.models import ReceivedObject
from shared.database.models.qr import QrJob, QrStudyState
from tests.helpers.qr.hospital import Hospital
from tests.helpers.qr.retrieve_table import Held, has_class, read_held, wanted
from tests.helpers.qr.small_studies import image_beside
from tests.helpers.services import Services
from tools.dose_objects import write
from tools.measure.qr_jobs import QrJobs
from tools.peers.real_pacs import Dcmqrscp, DicomServer, Orthanc
from tools.stack.ports import free_port

pytestmark = [pytest.mark.corpus, pytest.mark.interop, pytest.mark.timeout(300)]

CLASSES = ("CT", "MG", "FL", "DX", "NM", "SR")
SECOND = (CLASSES[:-1], CLASSES[-1:])
"""The classes of the jobs that come later: everything in two."""
IMAGES_BESIDE = {"CT": "CT", "MG": "MG", "DX": "DX", "Dual": "DX", "RF": "XA", "NM": "CT", "ESR_non-dose": "RF"}
"""The modality of the image that is put beside a report, by the beginning of the file's name."""
NO_IMAGE_EVERY = 3
NOT_SENT = {
    "MG-Im-Hologic-PropProj.dcm": "DCMTK, which sends it here, cannot read it: a code value runs past its end",
    "RF-RDSR-Siemens-Zee_adjusted.dcm": "its series is that of another study: asked for one, Orthanc sends both",
}
"""Objects of the corpus that no archive gets here, and why."""
NOT_PASSED_ON = {"NM-RRDSR-Siemens.dcm"}
"""What dcmqrscp takes and does not send again: it proposes no presentation context for it."""

Studies = Mapping[str, Sequence[Held]]
Objects = set[tuple[str, str]]
"""Study and SOP Instance UID of each."""


@pytest.fixture(scope="module")
def objects(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the corpus, and images beside most of its reports."""
    folder = tmp_path_factory.mktemp("objects")
    files = sorted(path for path in (corpus / "files").glob("*.dcm") if path.name not in NOT_SENT)
    for path in files:
        (folder / path.name).symlink_to(path)
    alone = [study for study in studies_in(folder).values() if all(one.is_report for one in study)]
    reports = {study[0].study for number, study in enumerate(alone, 1) if number % NO_IMAGE_EVERY}
    for path in files:
        header = dcmread(path, stop_before_pixels=True)
        if header.StudyInstanceUID in reports or path.name.startswith("NM-CT-RDSR"):
            reports.discard(header.StudyInstanceUID)
            modality = next(of for start, of in IMAGES_BESIDE.items() if path.name.startswith(start))
            write(image_beside(header, modality=modality), folder / f"{path.stem}.image")
    return folder


@pytest.fixture
def hospital(database_url: str, amqp_url: str, services: Services) -> Iterator[Hospital]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    services.start("qr", wait=False)  # two workers: each waits most of the time
    yield Hospital(jobs=QrJobs(engine=engine, amqp_url=amqp_url), services=services)
    engine.dispose()


@pytest.fixture
def command(services: Services) -> CliRunner:
    """`dosewire qr`, with the REST interface that it speaks to."""
    port = free_port()
    services.start("config_api", http_port=port)
    return CliRunner(env={VARIABLE: f"http://127.0.0.1:{port}"})


def studies_in(folder: Path) -> dict[str, list[Held]]:
    found: dict[str, list[Held]] = defaultdict(list)
    for path in sorted(folder.iterdir()):
        one = read_held(path)
        found[one.study].append(one)
    return found


class Runs:
    """Runs jobs by the command line, and tells what each has brought."""

    def __init__(self, *, hospital: Hospital, command: CliRunner, remote_node: int) -> None:
        self._hospital, self._command, self._node = hospital, command, remote_node
        self._before: Objects = set()

    def run(self, *classes: str) -> tuple[QrJob, Objects]:
        """Run one job for these classes; return it and what it has brought."""
        arguments = [str(self._node), str(self._hospital.store_node), *(f"-{name.lower()}" for name in classes)]
        done = self._command.invoke(qr, arguments)
        assert done.exit_code == 0, done.output
        job_id = re.search(r"^job (\S+): ", done.output, re.MULTILINE)
        assert job_id is not None, done.output
        with self._hospital.jobs.sessions() as session:
            rows = session.execute(select(ReceivedObject.study_instance_uid, ReceivedObject.sop_instance_uid)).all()
        now = [(study or "", sop or "") for study, sop in rows]
        assert len(now) == len(set(now)), "received twice"
        new = set(now) - self._before
        self._before = set(now)
        return self._hospital.jobs.get(UUID(job_id[1])), new


@pytest.mark.parametrize("make_archive", [Dcmqrscp, Orthanc])
def test_each_class_brings_what_the_table_says_and_later_only_what_is_new(
    objects: Path,
    hospital: Hospital,
    command: CliRunner,
    tmp_path: Path,
    make_archive: type[Dcmqrscp | Orthanc],
) -> None:
    if make_archive is Dcmqrscp:
        objects = without(objects, NOT_PASSED_ON, tmp_path / "passed_on")
    studies = {uid: study for uid, study in studies_in(objects).items() if study[0].study_date}
    with make_archive(folder=tmp_path / "archive", destinations={"DOSEWIRE": hospital.port}) as archive:
        archive.send(objects)
        node = hospital.jobs.remote_node(port=archive.port, ae_title=archive.ae_title)
        runs = Runs(hospital=hospital, command=command, remote_node=node)
        check_first({name: runs.run(name) for name in CLASSES}, studies, archive)
        for classes in SECOND:
            check_nothing_new(*runs.run(*classes), studies)

        grown = grow(objects, tmp_path / "grown")
        archive.send(tmp_path / "grown")
        _, new = runs.run(*SECOND[0])
    assert new == {(one.study, one.sop_instance) for one in grown}


def without(objects: Path, names: Collection[str], folder: Path) -> Path:
    """Return a folder with all objects but these."""
    folder.mkdir()
    for path in objects.iterdir():
        if path.name not in names:
            (folder / path.name).symlink_to(path)
    return folder


def check_first(first: Mapping[str, tuple[QrJob, Objects]], studies: Studies, archive: DicomServer) -> None:
    """What each class has brought is what the table says, apart from what an earlier class had brought."""
    before: Objects = set()
    for name, (job, new) in first.items():
        expected = {(uid, sop) for uid, study in studies.items() for sop in wanted(study, name)}
        if not archive.tells_sop_classes:  # then reports come first, to learn what they are
            of_class = [study for study in studies.values() if has_class(study, name)]
            expected |= {(one.study, one.sop_instance) for study in of_class for one in study if one.is_report}
        assert expected, f"the corpus has nothing for {name}"
        assert new == expected - before, name
        before |= new
        assert job.unanswered == []
        retrieved = {study.study_instance_uid for study in job.studies if study.state is QrStudyState.RETRIEVED}
        assert retrieved == {uid for uid, _ in new}, name


def check_nothing_new(job: QrJob, new: Objects, studies: Studies) -> None:
    """Each study is skipped; those of which something is wanted say that it was received before."""
    assert new == set()
    for study in job.studies:
        assert study.state is QrStudyState.SKIPPED, study.reason
        if any(wanted(studies[study.study_instance_uid], name) for name in job.options["modalities"]):
            assert study.explanation.endswith("received before, nothing is new"), study.explanation


GROWING = (
    "CT-ESR-GE_VCT.dcm",
    "DX-Im-GE_XR220-1.dcm",
    "MG-Im-GE_Seno_1_ForProcessing.dcm",
    "ESR_non-dose.dcm",
)
"""Objects of series that get one more; the last is refused, as the one that was there."""


def grow(objects: Path, folder: Path) -> list[Held]:
    """Write a further object of each of these series into a folder."""
    folder.mkdir()
    grown = []
    for name in GROWING:
        path = folder / name
        more = dcmread(objects / name)
        more.SOPInstanceUID = more.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        more.InstanceNumber = 999
        more.save_as(path)
        grown.append(read_held(path))
    return grown
