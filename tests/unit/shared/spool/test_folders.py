import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.spool.folders import Spool
from shared.spool.trace import new_trace_id, traced_at


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    spool = Spool(root=tmp_path / "data")
    spool.prepare()
    return spool


def receive(spool: Spool, content: bytes = b"object") -> str:
    with spool.receive() as reception:
        reception.write(content)
        reception.commit()
    return reception.trace_id


def test_preparing_twice_changes_nothing(spool: Spool) -> None:
    trace_id = receive(spool)
    spool.prepare()
    assert list(spool.pending()) == [trace_id]


def test_a_committed_object_is_pending_and_whole(spool: Spool) -> None:
    trace_id = receive(spool, b"whole object")
    assert list(spool.pending()) == [trace_id]
    found = spool.find(trace_id)
    assert found == spool.incoming / f"{trace_id}.dcm"
    assert found.read_bytes() == b"whole object"


def test_without_commit_nothing_stays(spool: Spool) -> None:
    with spool.receive() as reception:
        reception.write(b"half")
    assert list(spool.incoming.iterdir()) == []


def test_an_object_in_reception_is_not_pending(spool: Spool) -> None:
    with spool.receive() as reception:
        reception.write(b"half")
        assert list(spool.pending()) == []
        assert spool.find(reception.trace_id) is None


def test_foreign_files_are_left_alone(spool: Spool) -> None:
    (spool.incoming / "notes.txt").write_text("mine")
    (spool.incoming / "notes.dcm").write_text("mine")
    assert list(spool.pending()) == []


def test_kept_objects_are_filed_by_day(spool: Spool) -> None:
    trace_id = receive(spool)
    kept = spool.keep(trace_id)
    day = traced_at(trace_id)
    assert kept == spool.dicom_in / f"{day:%Y}" / f"{day:%m}" / f"{day:%d}" / f"{trace_id}.dcm"
    assert list(spool.pending()) == []
    assert spool.find(trace_id) == kept


def test_dispositions_may_be_repeated(spool: Spool) -> None:
    trace_id = receive(spool)
    kept = spool.keep(trace_id)
    assert spool.keep(trace_id) == kept
    other = receive(spool)
    spool.delete(other)
    spool.delete(other)
    assert spool.find(other) is None
    assert spool.keep(other) is None


def test_quarantine_says_why_and_can_be_left_again(spool: Spool) -> None:
    trace_id = receive(spool)
    path = spool.quarantine(trace_id, reason="not a DICOM object")
    assert path is not None
    assert path.parent == spool.quarantined
    assert json.loads(path.with_suffix(".json").read_text()) == {"trace_id": trace_id, "reason": "not a DICOM object"}
    spool.keep(trace_id)
    assert list(spool.quarantined.iterdir()) == []


def test_quarantining_twice_keeps_the_newer_reason(spool: Spool) -> None:
    trace_id = receive(spool)
    spool.quarantine(trace_id, reason="first")
    path = spool.quarantine(trace_id, reason="second")
    assert path is not None
    assert json.loads(path.with_suffix(".json").read_text())["reason"] == "second"


def test_deleting_leaves_nothing_in_quarantine(spool: Spool) -> None:
    trace_id = receive(spool)
    spool.quarantine(trace_id, reason="not a DICOM object")
    spool.delete(trace_id)
    assert list(spool.quarantined.iterdir()) == []


def test_partial_files_of_the_dead_are_removed(spool: Spool) -> None:
    trace_id = receive(spool)
    (spool.incoming / f"{new_trace_id()}.part").write_bytes(b"half")
    assert spool.remove_partial() == 1
    assert list(spool.pending()) == [trace_id]
    assert len(list(spool.incoming.iterdir())) == 1


def test_two_may_move_the_same_object_at_the_same_moment(spool: Spool) -> None:
    for _ in range(30):
        trace_id = receive(spool)
        together = threading.Barrier(4)

        def move(trace_id: str = trace_id, together: threading.Barrier = together) -> Path | None:
            together.wait()
            return spool.keep(trace_id)

        with ThreadPoolExecutor(4) as pool:
            places = [future.result() for future in [pool.submit(move) for _ in range(4)]]
        assert places == [spool.find(trace_id)] * 4


def test_a_path_never_comes_from_outside(spool: Spool) -> None:
    for text in ("../../../etc/passwd", "", "a/b", "0" * 31 + "/"):
        with pytest.raises(ValueError, match="not a trace id"):
            spool.find(text)


def test_partial_files_that_may_still_be_written_to_are_left_alone(spool: Spool) -> None:
    (spool.incoming / "old.part").touch()
    os.utime(spool.incoming / "old.part", (0, 0))
    (spool.incoming / "new.part").touch()
    assert spool.remove_partial(older_than=3600) == 1
    assert [path.name for path in spool.incoming.iterdir()] == ["new.part"]
