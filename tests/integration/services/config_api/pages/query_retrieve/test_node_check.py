"""The pages that test a remote node."""

import re
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from shared.database.base import now
from shared.database.models import RemoteNode, StoreNode
from shared.database.models.node_check import NodeCheck
from tests.helpers.config_api.pages import page, send, send_wrong, words_of
from tests.helpers.config_api.rest import RunningApi
from tests.helpers.services import Services
from tools.stack.ports import LOOPBACK, free_port

pytestmark = pytest.mark.integration

FORM = "/qr/nodes/1/test"
UID = "1.2.826.0.1.3680043.8.498.1"


@pytest.fixture(autouse=True)
def _nodes(api: RunningApi) -> None:
    api.add(
        RemoteNode(id=1, name="PACS", ae_title="ORTHANC", ip_address=LOOPBACK, port=free_port()),
        StoreNode(id=1, name="CT hall", ae_title="DOSEWIRE", port=11112, enabled=False),
        StoreNode(id=2, name="Main store", ae_title="MAIN", port=11113),
    )


def test_a_node_that_is_dead_fails_its_test_in_words(api: RunningApi, services: Services) -> None:
    services.start("qr")
    assert f'href="{FORM}"' in page(api, "/parts/nodes")
    assert "Test PACS" in words_of(page(api, FORM))
    path = send(api, FORM)
    assert re.fullmatch(r"/qr/nodes/tests/[0-9a-f-]{36}", path)
    deadline = time.monotonic() + 30
    while "Not passed" not in (shown := words_of(page(api, path))):
        assert time.monotonic() < deadline, shown
        time.sleep(0.1)
    assert "nothing listens on 127.0.0.1" in shown
    assert shown.count("not tried: a step before it failed") == 4
    assert "Test again" in shown
    part = page(api, f"{path}/parts/steps")
    assert "nothing listens on 127.0.0.1" in part
    assert "hx-get" not in part


def test_it_is_followed_until_somebody_takes_it(api: RunningApi) -> None:
    path = send(api, FORM, {"store_node": "2", "study_instance_uid": UID})
    html = page(api, path)
    assert "Waiting for a worker" in words_of(html)
    assert "is the qr service running?" not in html
    # Another one like it.
    assert f'value="{UID}"' in html
    assert '<option value="2" selected>' in html
    part = page(api, f"{path}/parts/steps")
    assert f'hx-get="{path}/parts/steps" hx-trigger="every 1s" hx-target="#steps"' in part
    with api.context.transaction() as session:
        session.execute(update(NodeCheck).values(created_at=now() - timedelta(seconds=61)))
    assert "no qr worker has taken it yet; is the qr service running?" in page(api, path)
    with api.context.transaction() as session:
        session.execute(update(NodeCheck).values(created_at=now() - timedelta(minutes=6)))
    shown = words_of(page(api, path))
    assert "The test could not be made" in shown
    assert "see that the qr service runs" in shown


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"store_node": "1"}, "is switched off, so nothing could arrive"),
        ({"store_node": "9"}, "no store node has this id"),
        ({"store_node": "x"}, "choose a store node"),
        ({"study_instance_uid": "1.02"}, "is not a UID"),
    ],
)
def test_a_test_that_cannot_be_taken(api: RunningApi, form: dict[str, object], words: str) -> None:
    html = send_wrong(api, FORM, form)
    assert f'id="{next(iter(form))}-wrong"' in html
    assert words in words_of(html)


def test_a_node_or_a_test_that_is_not_there(api: RunningApi) -> None:
    page(api, "/qr/nodes/9/test", 404)
    send_wrong(api, "/qr/nodes/9/test", status=404)
    page(api, f"/qr/nodes/tests/{uuid4()}", 404)
    page(api, f"/qr/nodes/tests/{uuid4()}/parts/steps", 404)
