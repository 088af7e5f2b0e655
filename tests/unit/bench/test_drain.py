"""The objects that the importer is measured with."""

from pathlib import Path

from bench.drain import objects
from services.importer.extract import extract


def test_objects_are_of_every_kind_and_all_hold_dose(tmp_path: Path) -> None:
    kinds: set[str] = set()
    uids: set[str] = set()
    for number, content in enumerate(objects(20, tmp_path)):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(content)
        document = extract(path)
        assert document.accepted
        kinds.update(part.value for part in document.doses)
        uids.add(document.sop_instance_uid)
    assert kinds == {"ct", "xray", "mg", "nm"}
    assert len(uids) == 20
