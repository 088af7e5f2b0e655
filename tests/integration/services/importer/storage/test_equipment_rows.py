"""Equipment changed at the same time by importers that add it and by people."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from services.importer.extract import extract
from services.importer.reading.equipment import EquipmentIdentity, equipment_identity
from services.importer.storage.equipment_rows import ensure_equipment
from shared.database.models import Equipment, UserModality
from tests.helpers.importer.in_process import Workbench
from tools.dose_objects import ct_report, write

pytestmark = pytest.mark.integration


@pytest.fixture
def identity(tmp_path: Path) -> EquipmentIdentity:
    return equipment_identity(extract(write(ct_report(), tmp_path / "report.dcm")))


def test_equipment_is_added_once_by_importers_at_the_same_time(
    workbench: Workbench, identity: EquipmentIdentity
) -> None:
    start = threading.Barrier(4)

    def add() -> int:
        with workbench.engine.begin() as connection:
            start.wait()
            (known,) = ensure_equipment(connection, [identity, identity]).values()
            return known.id

    with ThreadPoolExecutor(4) as pool:
        ids = {future.result() for future in [pool.submit(add) for _ in range(4)]}
    assert len(ids) == 1
    assert workbench.count("equipment") == 1


def test_whoever_changes_equipment_waits_for_the_studies_that_are_being_stored(
    workbench: Workbench, identity: EquipmentIdentity
) -> None:
    with workbench.engine.begin() as connection:
        (known,) = ensure_equipment(connection, [identity]).values()
    change = update(Equipment).where(Equipment.id == known.id).values(user_modality=UserModality.DX)
    with workbench.engine.connect() as importing, workbench.engine.connect() as changing:
        ensure_equipment(importing, [identity])
        changing.execute(text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            changing.execute(change)
        changing.rollback()
        importing.rollback()
        changing.execute(change)
        changing.commit()
        assert importing.scalar(select(Equipment.user_modality)) is UserModality.DX
        (known,) = ensure_equipment(importing, [identity]).values()
        assert known.user_modality is UserModality.DX


def test_importers_do_not_wait_for_each_other(workbench: Workbench, identity: EquipmentIdentity) -> None:
    with workbench.engine.begin() as connection:
        ensure_equipment(connection, [identity])
    with workbench.engine.connect() as one, workbench.engine.connect() as other:
        ensure_equipment(one, [identity])
        other.execute(text("SET LOCAL lock_timeout = '200ms'"))
        assert len(ensure_equipment(other, [identity])) == 1
