import errno
from dataclasses import replace
from pathlib import Path

import pytest

from services.store_scp.store_request import StoreRequest, problem_of, store
from shared.reception import read_reception
from shared.spool import Spool

REQUEST = StoreRequest(
    sop_class_uid="1.2.840.10008.5.1.4.1.1.88.67",
    sop_instance_uid="2.25.1",
    transfer_syntax_uid="1.2.840.10008.1.2.1",
    message_id=7,
    calling_ae_title="CT99",
    called_ae_title="DOSEWIRE",
    peer_address="10.1.2.3",
    peer_port=49152,
    move_originator_ae_title="WORKSTATION",
    move_originator_message_id=3,
)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    spool = Spool(root=tmp_path)
    spool.prepare()
    return spool


def test_a_sound_request_has_no_problem() -> None:
    assert problem_of(REQUEST, size=10) is None


@pytest.mark.parametrize("uid", ["1.2.03.4", "2.25." + "9" * 59])
def test_uids_that_devices_write_although_they_are_not_quite_right_are_taken(uid: str) -> None:
    assert problem_of(replace(REQUEST, sop_instance_uid=uid), size=10) is None


@pytest.mark.parametrize("uid", [None, "", "../../../../tmp/x", "1.2\0", "1.2\n", "1.2 .3", "\u0661.\u0662", "1" * 65])
def test_anything_else_is_no_uid(uid: str | None) -> None:
    assert problem_of(replace(REQUEST, sop_instance_uid=uid), size=10) is not None
    assert problem_of(replace(REQUEST, sop_class_uid=uid), size=10) is not None


def test_a_request_without_data_set_is_a_problem() -> None:
    assert problem_of(REQUEST, size=0) == "the request has no data set"


def test_each_problem_fits_into_an_error_comment() -> None:
    problems = [
        problem_of(replace(REQUEST, sop_class_uid=None), size=1),
        problem_of(replace(REQUEST, sop_instance_uid=None), size=1),
        problem_of(REQUEST, size=0),
    ]
    assert all(problem and len(problem) <= 64 for problem in problems)


def test_the_data_set_is_stored_as_it_came_under_a_name_of_ours(spool: Spool) -> None:
    trace_id = store(REQUEST, memoryview(b"\x00\xff any bytes"), node="Main store", spool=spool)
    (path,) = spool.incoming.iterdir()
    assert path.name == f"{trace_id}.dcm"
    assert path.read_bytes().endswith(b"\x00\xff any bytes")
    reception = read_reception(path)
    assert (reception.store_node, reception.calling_ae_title) == ("Main store", "CT99")
    assert b'"move_originator_ae_title":"WORKSTATION"' in path.read_bytes()


def test_an_object_that_cannot_be_written_leaves_nothing(spool: Spool) -> None:
    spool.incoming.rmdir()
    with pytest.raises(OSError) as caught:  # noqa: PT011 (its number is looked at)
        store(REQUEST, memoryview(b"data"), node="Main store", spool=spool)
    assert caught.value.errno == errno.ENOENT
