"""Senders of several makers, in all encodings: what is kept is byte by byte what they sent.

A sender may encode an object anew, so that a wiretap, not the file that it was given, says what it sent.
"""

import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.filereader import read_file_meta_info
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless
from pynetdicom import AE

from tests.helpers.dcmtk import dcmtk
from tests.helpers.objects.image_files import write_image
from tests.helpers.store_scp.wiretap import Wiretap
from tools.measure.store_node import RunningNode, data_set_bytes
from tools.peers.real_pacs import Orthanc
from tools.stack.ports import LOOPBACK, free_port

pytestmark = pytest.mark.interop

ENCODINGS: dict[str, tuple[str, ...]] = {
    "implicit little endian": ("dcmconv", "+ti"),
    "explicit little endian": ("dcmconv", "+te"),
    "explicit big endian": ("dcmconv", "+tb"),
    "deflated": ("dcmconv", "+td"),
    "RLE": ("dcmcrle",),
    "JPEG": ("dcmcjpeg", "+ee"),
    "JPEG lossless": ("dcmcjpeg", "+e1"),
    "JPEG-LS": ("dcmcjpls",),
    "JPEG 2000": (),
}
UNCOMPRESSED = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian)
"""A sender may choose another of these than that of the file; what is compressed it leaves as it is."""


class Senders:
    """Sends to a node through a wiretap, by the programs of several makers."""

    def __init__(self, *, node: RunningNode, wiretap: Wiretap, orthanc: Orthanc) -> None:
        self.node = node
        self.wiretap = wiretap
        self._orthanc = orthanc

    def dcmtk(self, file: Path) -> None:
        dcmtk("dcmsend", "--decompress-never", "-aec", self.node.ae_title, LOOPBACK, self.wiretap.port, file)

    def pynetdicom(self, file: Path) -> None:
        data_set = dcmread(file)
        entity = AE(ae_title="PYNETDICOM")
        entity.add_requested_context(data_set.SOPClassUID, data_set.file_meta.TransferSyntaxUID)
        association = entity.associate(LOOPBACK, self.wiretap.port, ae_title=self.node.ae_title)
        assert association.send_c_store(data_set).Status == 0x0000
        association.release()

    def gdcm(self, file: Path) -> None:
        program = shutil.which("gdcmscu")
        if program is None:
            pytest.skip("gdcmscu is not installed: apt-get install libgdcm-tools")
        titles = ["--aetitle", "GDCM", "--call", self.node.ae_title]
        command = [program, "--store", *titles, LOOPBACK, str(self.wiretap.port), str(file)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        # Debian's gdcmscu aborts when it tears down the connection after the release, whoever the peer is.
        assert done.returncode in {0, -signal.SIGABRT}, done.stdout + done.stderr

    def orthanc(self, file: Path) -> None:
        to_orthanc = ("-aec", self._orthanc.ae_title, LOOPBACK, self._orthanc.port)
        dcmtk("dcmsend", "--decompress-never", *to_orthanc, file)
        study = f"StudyInstanceUID={dcmread(file).StudyInstanceUID}"
        keys = ("-S", "-k", "QueryRetrieveLevel=STUDY", "-k", study)
        dcmtk("movescu", *keys, "-aem", self.node.ae_title, *to_orthanc)


@pytest.fixture(scope="module")
def senders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Senders]:
    folder = tmp_path_factory.mktemp("senders")
    (folder / "data").mkdir()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DOSEWIRE_DATA_DIR", str(folder / "data"))
        environment.setenv("DOSEWIRE_DICOM_BIND", RunningNode.host)
        with (
            RunningNode(port=free_port(), data_dir=folder / "data") as node,
            Wiretap(target=node.port) as wiretap,
            Orthanc(folder=folder / "orthanc", destinations={node.ae_title: wiretap.port}) as orthanc,
        ):
            assert isinstance(orthanc, Orthanc)
            yield Senders(node=node, wiretap=wiretap, orthanc=orthanc)


def encoded(folder: Path, encoding: str) -> Path:
    """Write an image in an encoding; that of JPEG 2000 is one only by its name, because nobody decodes it."""
    image, file = write_image(folder / "image.dcm"), folder / "encoded.dcm"
    if command := ENCODINGS[encoding]:
        dcmtk(*command, image, file)
        return file
    data_set = dcmread(image)
    data_set.PixelData = encapsulate([bytes(range(256)) * 40, b"odd" * 5], fragments_per_frame=2)
    data_set["PixelData"].is_undefined_length = True
    data_set.file_meta.TransferSyntaxUID = JPEG2000Lossless
    data_set.save_as(file)
    return file


@pytest.mark.parametrize("sender", [Senders.dcmtk, Senders.pynetdicom, Senders.gdcm, Senders.orthanc])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_was_sent_is_kept_byte_by_byte(
    senders: Senders, tmp_path: Path, sender: Callable[[Senders, Path], None], encoding: str
) -> None:
    file = encoded(tmp_path, encoding)
    before = set(senders.node.stored())
    sender(senders, file)
    (received,) = set(senders.node.stored()) - before
    assert data_set_bytes(received) == senders.wiretap.data_sets()[-1]
    kept, given = (read_file_meta_info(path).TransferSyntaxUID for path in (received, file))
    assert kept == given or {kept, given} <= set(UNCOMPRESSED)
    if kept == given:
        assert dcmread(received).PixelData == dcmread(file).PixelData
