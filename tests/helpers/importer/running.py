"""A running importer that a test sends objects to, and the answers of the REST interface about them."""

import json
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from services.config_api.cli.client import ApiClient
from services.importer.commands.intake import take_in
from shared.broker.publisher import Publisher
from shared.database.engine import make_engine
from shared.spool.folders import Spool
from tools.measure.store_node import wait_until

JsonObject = dict[str, Any]
OPEN = ("queued", "retrying")
_OF_THE_MOMENT = ("id", "equipment_id", "created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class Reception:
    """A file that was sent, and the row of its reception when all was done."""

    file: Path
    row: JsonObject


class RunningImport:
    """Sends files by way of the spool and the broker, as `dosewire import` does. `close` it.

    Args:
        database_url: of the services; only to forget everything between two rounds.
        amqp_url: of the services.
        data_dir: of the services.
        api_url: where config_api listens.
    """

    def __init__(self, *, database_url: str, amqp_url: str, data_dir: Path, api_url: str) -> None:
        self.api = ApiClient(url=api_url)
        self._spool = Spool(root=data_dir)
        self._spool.prepare()
        self._publisher = Publisher(amqp_url=amqp_url, name="test")
        self._engine: Engine = make_engine(database_url=database_url, name="test")

    def close(self) -> None:
        """Close its connections."""
        self._publisher.close()
        self._engine.dispose()

    def set_privacy_policy(self, **handling: str) -> None:
        """Decide what of a patient's identity is stored from now on; what is left out gets its default."""
        request = urllib.request.Request(
            f"{self.api.url}/api/v1/privacy-policy",
            data=json.dumps(handling).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200

    def send(self, sequences: Sequence[Sequence[Path]]) -> list[list[Reception]]:
        """Send the files of each sequence in their order, the sequences interleaved, and wait until all are done."""
        sent: list[list[tuple[Path, str]]] = [[] for _ in sequences]
        for step in range(max(map(len, sequences))):
            for number, sequence in enumerate(sequences):
                if step < len(sequence):
                    message = take_in(sequence[step], self._spool)
                    self._publisher.publish(message)
                    sent[number].append((sequence[step], message.trace_id))
        rows = self._wait_for({trace_id for sequence in sent for _, trace_id in sequence})
        return [[Reception(file, rows[trace_id]) for file, trace_id in sequence] for sequence in sent]

    def studies(self, study_instance_uid: str) -> list[JsonObject]:
        """Return the documents of the studies of one Study Instance UID, with their line of the list as `listed`."""
        page = self.api.get(f"/studies?study_instance_uid={study_instance_uid}")
        return [self.api.get(f"/studies/{one['id']}") | {"listed": _without_moments(one)} for one in page["items"]]

    def forget(self) -> None:
        """Empty the tables of what was received; the services go on, and policies stay."""
        with self._engine.begin() as connection:
            connection.execute(text("TRUNCATE study, equipment, received_object CASCADE"))

    def _wait_for(self, trace_ids: set[str]) -> Mapping[str, JsonObject]:
        rows: dict[str, JsonObject] = {}

        def done() -> bool:
            page = self.api.get("/received-objects?limit=500")
            rows.update({row["trace_id"]: row for row in page["items"] if row["state"] not in OPEN})
            return trace_ids <= rows.keys()

        wait_until(done, what="all objects to be imported", timeout_s=60)
        return rows


def _without_moments(listed: JsonObject) -> JsonObject:
    """Return a line of the list without what depends on when it was stored."""
    return {key: value for key, value in listed.items() if key not in _OF_THE_MOMENT}
