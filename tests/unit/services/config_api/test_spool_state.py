from pathlib import Path

from services.config_api.spool_state import look_at_spool
from shared.spool import Spool


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
    assert (state.incoming, state.quarantine) == (3, 1)
    assert state.free_bytes > 0


def test_without_a_spool(data_dir: Path) -> None:
    assert look_at_spool(data_dir / "elsewhere") is None
