"""DCMTK's clients against a node: what it accepts, what it refuses, and that not a byte is changed."""

import subprocess
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.filereader import read_file_meta_info

from shared.spool.file_meta import read_reception
from tests.helpers.dcmtk import command, dcmtk
from tests.helpers.objects.image_files import write_image
from tools.measure.store_node import RunningNode, data_set_bytes, wait_until
from tools.peers.real_pacs import Dcmqrscp, Orthanc

pytestmark = pytest.mark.interop

ENCODINGS = {
    "implicit little endian": ("dcmconv", ["+ti"], "-xi", "1.2.840.10008.1.2"),
    "explicit little endian": ("dcmconv", ["+te"], "-xe", "1.2.840.10008.1.2.1"),
    "explicit big endian": ("dcmconv", ["+tb"], "-xb", "1.2.840.10008.1.2.2"),
    "deflated": ("dcmconv", ["+td"], "-xd", "1.2.840.10008.1.2.1.99"),
    "RLE": ("dcmcrle", [], "-xr", "1.2.840.10008.1.2.5"),
    "JPEG lossless": ("dcmcjpeg", ["+e1"], "-xs", "1.2.840.10008.1.2.4.70"),
    "JPEG-LS": ("dcmcjpls", ["+el"], "-xt", "1.2.840.10008.1.2.4.80"),
}


def test_an_echo_is_answered(node: RunningNode) -> None:
    dcmtk("echoscu", "-aec", node.ae_title, node.host, node.port)


def test_a_call_to_another_ae_title_is_rejected(node: RunningNode, tmp_path: Path) -> None:
    image = write_image(tmp_path / "image.dcm")
    answer = dcmtk("storescu", "-aec", "ANOTHER", node.host, node.port, image, check=False)
    assert answer.returncode != 0
    assert "Called AE Title Not Recognized" in answer.stdout + answer.stderr
    assert node.stored() == []


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_data_set_is_kept_byte_by_byte(node: RunningNode, tmp_path: Path, encoding: str) -> None:
    program, options, proposing, transfer_syntax_uid = ENCODINGS[encoding]
    sent = tmp_path / "sent.dcm"
    dcmtk(program, *options, write_image(tmp_path / "image.dcm"), sent)
    dcmtk("storescu", proposing, "-aec", node.ae_title, "-aet", "CT99", node.host, node.port, sent)
    (received,) = node.stored()
    assert read_file_meta_info(received).TransferSyntaxUID == transfer_syntax_uid
    if encoding == "deflated":  # storescu inflates and deflates again, with other bytes
        assert dcmread(received).PixelData == dcmread(sent).PixelData
    else:
        assert data_set_bytes(received) == data_set_bytes(sent)
    assert dcmtk("dcmftest", received).stdout.startswith("yes")


def test_the_file_says_how_it_came(node: RunningNode, tmp_path: Path) -> None:
    image = write_image(tmp_path / "image.dcm")
    dcmtk("storescu", "-aec", node.ae_title, "-aet", "CT99", node.host, node.port, image)
    (received,) = node.stored()
    reception = read_reception(received)
    assert reception.source == "c_store"
    assert reception.store_node == "Test node"
    assert (reception.calling_ae_title, reception.called_ae_title) == ("CT99", node.ae_title)
    assert reception.peer_address == node.host
    meta = read_file_meta_info(received)
    assert meta.MediaStorageSOPInstanceUID == dcmread(image).SOPInstanceUID


def test_each_object_is_announced_once(node: RunningNode, tmp_path: Path) -> None:
    images = [write_image(tmp_path / f"{number}.dcm", side=8) for number in range(20)]
    dcmtk("dcmsend", "-aec", node.ae_title, node.host, node.port, *images)
    wait_until(lambda: len(node.announced) == 20, what="20 announcements")
    assert sorted(node.announced) == [path.stem for path in node.stored()]
    assert node.partial() == []


def test_the_same_object_sent_twice_is_stored_twice(node: RunningNode, tmp_path: Path) -> None:
    image = write_image(tmp_path / "image.dcm", side=8)
    for _ in range(2):
        dcmtk("storescu", "-aec", node.ae_title, node.host, node.port, image)
    assert len(node.stored()) == 2


@pytest.mark.parametrize("archive", [Dcmqrscp, Orthanc])
def test_an_object_moved_by_a_pacs_says_who_asked_for_it(
    node: RunningNode, tmp_path: Path, archive: type[Dcmqrscp] | type[Orthanc]
) -> None:
    image = write_image(tmp_path / "image.dcm", side=8)
    study_uid = dcmread(image).StudyInstanceUID
    with archive(folder=tmp_path / "pacs", destinations={node.ae_title: node.port}) as pacs:
        dcmtk("storescu", "-aec", pacs.ae_title, node.host, pacs.port, image)
        keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study_uid}"]
        move = ["-S", "-aec", pacs.ae_title, "-aet", "ASKER", "-aem", node.ae_title]
        dcmtk("movescu", *move, *keys, node.host, pacs.port)
    (received,) = node.stored()
    assert read_reception(received).calling_ae_title == pacs.ae_title
    assert b'"move_originator_ae_title":"ASKER"' in received.read_bytes()[:2000]


def test_a_large_object_in_many_fragments_is_kept_whole(node: RunningNode, tmp_path: Path) -> None:
    image = write_image(tmp_path / "image.dcm", side=1500)
    dcmtk("storescu", "--max-send-pdu", 4096, "-aec", node.ae_title, node.host, node.port, image)
    (received,) = node.stored()
    assert data_set_bytes(received) == data_set_bytes(image)


def test_a_node_that_stops_lets_the_object_on_its_way_arrive(node: RunningNode, tmp_path: Path) -> None:
    image = write_image(tmp_path / "image.dcm", side=1500)
    fragments = ["--max-send-pdu", "4096", "--repeat", "50"]
    sender = subprocess.Popen(
        command("storescu", *fragments, "-v", "-aec", node.ae_title, node.host, node.port, image),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wait_until(lambda: len(node.stored()) >= 2, what="a sender in the middle of its work")
    node.child.stop()
    said, _ = sender.communicate(timeout=30)
    assert node.child.wait(20.0)
    succeeded = said.count("Received Store Response (Success)")
    assert 2 <= succeeded < 50, said
    # What was on its way when the node stopped may have arrived without its answer reaching the sender.
    assert succeeded <= len(node.stored()) <= succeeded + 1
    assert {data_set_bytes(path) for path in node.stored()} == {data_set_bytes(image)}
    assert node.partial() == []
