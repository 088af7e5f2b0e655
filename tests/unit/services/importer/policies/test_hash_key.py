"""The warning that values are lost for want of a key."""

import json
from typing import Any

from structlog.testing import capture_logs

from services.importer.policies.hash_key import MISSING, HashKeyWatch
from services.importer.policies.privacy import DEFAULTS
from shared.database.models import Handling
from shared.health import Health

HASHED = {**DEFAULTS, "patient_id": Handling.HASH, "patient_name": Handling.SHA256}


def part(health: Health) -> dict[str, Any]:
    return dict(json.loads(health.as_json())["parts"]["privacy_hash_key"])


def test_each_time_the_fault_begins_there_is_one_warning() -> None:
    health = Health(parts=("privacy_hash_key",))
    watch = HashKeyWatch(has_key=False, health=health)
    with capture_logs() as lines:
        for policy in (DEFAULTS, HASHED, HASHED):
            watch.look(policy)
        assert part(health) == {"ready": True, "detail": MISSING}
        watch.look(DEFAULTS)
        assert part(health) == {"ready": True, "detail": ""}
        watch.look(HASHED)
    assert [line["items"] for line in lines if line["log_level"] == "warning"] == [["patient_id"]] * 2


def test_with_a_key_nothing_is_wrong() -> None:
    health = Health(parts=("privacy_hash_key",))
    with capture_logs() as lines:
        HashKeyWatch(has_key=True, health=health).look(HASHED)
    assert lines == []
    assert part(health) == {"ready": True, "detail": ""}
