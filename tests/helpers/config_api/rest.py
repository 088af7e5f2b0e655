"""The REST interface on a test's own database and broker, in the test's process, and rows for it to show."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from werkzeug.test import TestResponse

from services.config_api.app import create_app
from services.config_api.web.context import EXTENSION, Context
from services.config_api.web.settings import ConfigApiSettings
from shared.database.base import Base
from shared.database.models import ObjectState, ReceivedObject, RejectedCaller
from shared.spool.trace import new_trace_id

PREFIX = "/api/v1"


class RunningApi:
    """Asks paths below /api/v1."""

    def __init__(self, *, database_url: str, amqp_url: str, data_dir: Path, **settings: str) -> None:
        values: dict[str, Any] = {
            "database_url": SecretStr(database_url),
            "amqp_url": SecretStr(amqp_url),
            "data_dir": data_dir,
            "service_health_urls": "-",
        }
        self.app = create_app(settings=ConfigApiSettings(**(values | settings)))
        self.client = self.app.test_client()
        self.context: Context = self.app.extensions[EXTENSION]

    def close(self) -> None:
        """Close its connections."""
        self.context.close()

    def get(self, path: str, status: int = 200) -> dict[str, Any]:
        """Return the JSON that stands there."""
        return self._read(self.client.get(PREFIX + path), status)

    def post(self, path: str, body: object = None, status: int = 201) -> dict[str, Any]:
        """Create something, or ask for an action."""
        return self._read(self.client.post(PREFIX + path, json={} if body is None else body), status)

    def put(self, path: str, body: object, status: int = 200) -> dict[str, Any]:
        """Replace something."""
        return self._read(self.client.put(PREFIX + path, json=body), status)

    def patch(self, path: str, body: object, status: int = 200) -> dict[str, Any]:
        """Change something."""
        return self._read(self.client.patch(PREFIX + path, json=body), status)

    def delete(self, path: str, status: int = 204) -> dict[str, Any]:
        """Delete something."""
        return self._read(self.client.delete(PREFIX + path), status)

    def add(self, *rows: Base) -> None:
        """Put rows into the database, as another service would."""
        with self.context.transaction() as session:
            session.add_all(rows)

    def _read(self, response: TestResponse, status: int) -> dict[str, Any]:
        assert response.status_code == status, response.text
        if status >= 400:
            assert response.mimetype == "application/problem+json"
        return dict(response.get_json()) if response.data else {}


def fields(problem: dict[str, Any]) -> dict[str, str]:
    """Return what a problem says of each field."""
    return {error["field"]: error["detail"] for error in problem.get("errors", [])}


def received_object(*, received_at: datetime | None = None, **values: Any) -> ReceivedObject:
    """Return a received object, imported unless `values` say otherwise."""
    given: dict[str, Any] = {
        "trace_id": new_trace_id(),
        "source": "c_store",
        "received_at": received_at or datetime.now(UTC),
        "store_node": "CT hall",
        "calling_ae_title": "CT1",
        "size_bytes": 1000,
        "state": ObjectState.IMPORTED,
        "reason": None,
    }
    return ReceivedObject(**(given | values))


def trace_ids(items: Sequence[dict[str, Any]]) -> list[str]:
    """Return the trace ids of a page."""
    return [item["trace_id"] for item in items]


def rejected_caller(*, days_ago: float = 0, **values: Any) -> RejectedCaller:
    """Return a caller that store node 1 has turned away, as store_scp would count it."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    given: dict[str, Any] = {
        "store_node_id": 1,
        "cause": "calling_ae_title",
        "called_ae_title": "DOSEWIRE",
        "calling_ae_title": "CT9",
        "peer_address": "192.0.2.9",
        "words": "the calling AE title 'CT9' is not one of those that may call",
        "advice": "add 'CT9' to the allowed calling AE titles of node 'CT hall'",
        "rejections": 3,
        "first_at": at,
        "last_at": at,
    }
    return RejectedCaller(**(given | values))
