from datetime import UTC, datetime, timedelta

import pytest

from shared.database.models import StoreNode
from tests.helpers.config_api.rest import RunningApi, rejected_caller

pytestmark = pytest.mark.integration


@pytest.fixture
def api(api: RunningApi) -> RunningApi:
    api.add(
        StoreNode(id=1, name="CT hall", ae_title="DOSEWIRE", port=11112),
        StoreNode(id=2, name="Cath lab", ae_title="DOSEWIRE", port=11113),
    )
    api.add(
        rejected_caller(days_ago=2),
        rejected_caller(days_ago=1, store_node_id=2, calling_ae_title="CATH"),
        rejected_caller(days_ago=3, cause="tls", calling_ae_title="", words="the TLS handshake failed"),
    )
    return api


def titles(api: RunningApi, query: str = "") -> list[str]:
    return [item["calling_ae_title"] for item in api.get(f"/rejected-callers{query}")["items"]]


def test_callers_are_listed_the_latest_first_with_what_to_change(api: RunningApi) -> None:
    assert titles(api) == ["CATH", "CT9", ""]
    first = api.get("/rejected-callers?store_node_id=1")["items"][0]
    assert (first["store_node"], first["cause"], first["rejections"]) == ("CT hall", "calling_ae_title", 3)
    assert first["advice"] == "add 'CT9' to the allowed calling AE titles of node 'CT hall'"


def test_filters(api: RunningApi) -> None:
    assert titles(api, "?store_node_id=2") == ["CATH"]
    assert titles(api, "?calling_ae_title=CT9") == ["CT9"]
    since = (datetime.now(UTC) - timedelta(hours=36)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert titles(api, f"?since={since}") == ["CATH"]
    assert titles(api, "?limit=1") == ["CATH"]
    api.get("/rejected-callers?limit=0", 422)


def test_a_caller_can_be_forgotten(api: RunningApi) -> None:
    row = api.get("/rejected-callers")["items"][0]
    api.delete(f"/rejected-callers/{row['id']}")
    assert titles(api) == ["CT9", ""]
    assert "there is no rejected caller" in api.delete(f"/rejected-callers/{row['id']}", 404)["detail"]


def test_callers_go_with_their_node(api: RunningApi) -> None:
    api.patch("/store-nodes/2", {"enabled": False})
    api.delete("/store-nodes/2")
    assert titles(api) == ["CT9", ""]
