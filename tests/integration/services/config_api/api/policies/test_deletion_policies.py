import pytest

from tests.helpers.config_api.rest import RunningApi, fields

pytestmark = pytest.mark.integration


def policies(api: RunningApi) -> dict[str, str]:
    return {item["object_kind"]: item["disposition"] for item in api.get("/deletion-policies")["items"]}


def test_nothing_is_deleted_before_somebody_says_so(api: RunningApi) -> None:
    kept = policies(api)
    assert {"ct_dose_sr", "projection_dose_sr", "refused"} <= set(kept)
    assert set(kept.values()) == {"keep"}


def test_a_policy_can_be_changed_again_and_again(api: RunningApi) -> None:
    for disposition in ("delete", "keep", "delete", "delete"):
        assert api.put("/deletion-policies/refused", {"disposition": disposition}) == {
            "object_kind": "refused",
            "disposition": disposition,
        }
        assert policies(api)["refused"] == disposition
    assert policies(api)["ct_dose_sr"] == "keep"


def test_kinds_and_dispositions_are_checked(api: RunningApi) -> None:
    assert "must be one of" in fields(api.put("/deletion-policies/ct", {"disposition": "keep"}, 422))["object_kind"]
    assert set(fields(api.put("/deletion-policies/refused", {"disposition": "shred"}, 422))) == {"disposition"}
