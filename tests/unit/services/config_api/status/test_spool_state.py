import os
from pathlib import Path

from services.config_api.status.spool_state import look_at_spool
from shared.spool.folders import Spool


def test_objects_are_counted_where_they_should_not_stay(data_dir: Path) -> None:
    spool = Spool(root=data_dir)
    spool.prepare()
    for number in range(3):
        (spool.incoming / f"{number:032x}.dcm").touch()
    (spool.incoming / "half.part").touch()
    (spool.quarantined / f"{9:032x}.dcm").touch()
    (spool.quarantined / f"{9:032x}.json").touch()
    state = look_at_spool(data_dir)
    assert state is not None
    assert (state.incoming, state.quarantine, state.commitment_requests) == (3, 1, 0)
    assert state.free_bytes > 0


def test_storage_commitment_requests_are_counted(data_dir: Path) -> None:
    spool = Spool(root=data_dir)
    spool.prepare()
    spool.commitment.mkdir()
    for name in ("1.json", "2.json", "3.part", "4.unreadable"):
        (spool.commitment / name).touch()
    os.utime(spool.commitment / "2.json", times=(0, 0))
    state = look_at_spool(data_dir)
    assert state is not None
    assert (state.commitment_requests, state.overdue_commitment_requests) == (2, 1)


def test_without_a_spool(data_dir: Path) -> None:
    assert look_at_spool(data_dir / "elsewhere") is None
