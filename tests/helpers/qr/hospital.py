"""Services that receive and import, and jobs of theirs for simulated PACSs."""

import time
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from shared.database.models import ObjectState, ReceivedObject, StoreNode, StoreNodeState
from shared.jobs.options import JobOptions, ModalityClass
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.pacs.process import SimulatedPacsProcess
from tools.pacs.server import SimulatedPacs
from tools.stack.ports import free_port

DAY = date(2026, 3, 10)
FAST_SWEEP: Mapping[str, Any] = {"qr_sweep_seconds": 1, "qr_overdue_seconds": 1}
"""Settings of a qr service with which a lost message comes back within seconds."""


class Hospital:
    """Services that receive and import, and a way to begin jobs for simulated PACSs."""

    def __init__(self, *, jobs: QrJobs, services: Services) -> None:
        self.jobs = jobs
        self.port = free_port()
        self.store_node = jobs.store_node(port=self.port, managed=True)
        for service in ("store_scp", "importer"):
            services.start(service, wait=False)
        services.start("qr", **FAST_SWEEP)
        deadline = time.monotonic() + 60
        while self._state() is not StoreNodeState.ALIVE:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def _state(self) -> StoreNodeState:
        with self.jobs.sessions() as session:
            return session.get_one(StoreNode, self.store_node).state

    def begin(
        self,
        pacs: SimulatedPacs | SimulatedPacsProcess,
        *classes: str,
        node_settings: Mapping[str, object] | None = None,
        **more: object,
    ) -> UUID:
        """Begin a job for these classes, about `DAY`; `more` are further options."""
        node = self.jobs.remote_node(port=pacs.port, ae_title="SIMPACS", settings=node_settings)
        return self.jobs.create(
            remote_node_id=node,
            store_node_id=self.store_node,
            date_from=DAY,
            date_until=DAY,
            options=JobOptions.model_validate({"modalities": [ModalityClass(name) for name in classes], **more}),
        )

    def received(self) -> list[str]:
        """Return the SOP Instance UIDs of what was received, once per reception."""
        with self.jobs.sessions() as session:
            rows = session.scalars(select(ReceivedObject).order_by(ReceivedObject.received_at)).all()
        assert all(row.state is not ObjectState.FAILED for row in rows), [row.reason for row in rows]
        return [row.sop_instance_uid or "" for row in rows]
