"""An importer without its process: objects in a spool, messages in hand, rows in a real database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset
from sqlalchemy import Engine, insert, select

from services.importer.extract import extract
from services.importer.handling.handler import Importer
from services.importer.policies.not_patient import NotPatientPatterns, not_patient
from services.importer.policies.privacy import DEFAULTS, withhold
from shared.broker.consumer import Delivery
from shared.database.engine import make_engine
from shared.database.models import Base, Handling, PrivacyPolicy, ReceivedObject
from shared.health import Health
from shared.messages import ImportObject, Reception
from shared.spool.folders import Spool
from shared.stored_study import StoredStudy, find_studies, read_studies
from shared.stored_study.layout import table_of
from tools.dose_objects import write

JsonObject = dict[str, Any]
COMMON_PATTERNS = NotPatientPatterns(ids=("*phy*", "*qa*", "*test*"), names=("*phys*", "*qa*", "*test*"))
"""What a new database has."""


class Workbench:
    """A spool, a database, and an importer to give batches to. `close` it."""

    def __init__(self, *, database_url: str, data_dir: Path) -> None:
        self.engine: Engine = make_engine(database_url=database_url, name="workbench")
        self.spool = Spool(root=data_dir)
        self.spool.prepare()
        self.health = Health(parts=("database",))
        self.importer = self.new_importer()

    def new_importer(self) -> Importer:
        return Importer(engine=self.engine, spool=self.spool, health=self.health)

    def close(self) -> None:
        self.engine.dispose()

    def put(self, content: bytes | Path | Dataset) -> ImportObject:
        """Lay an object into the spool and return its message."""
        if isinstance(content, Dataset):
            content = write(content, self.spool.root / "report.dcm")
        if isinstance(content, Path):
            content = content.read_bytes()
        with self.spool.receive() as reception:
            reception.write(content)
            reception.commit()
        return ImportObject(
            trace_id=reception.trace_id,
            size_bytes=len(content),
            reception=Reception(source="c_store", received_at=datetime.now(UTC), store_node="Test", peer_address="::1"),
        )

    def handle(self, *messages: ImportObject, attempt: int = 0) -> list[Exception | None]:
        """Give messages to the importer as one batch."""
        return self.importer([Delivery(message, attempt) for message in messages])

    def send(self, *contents: bytes | Path | Dataset) -> list[ImportObject]:
        """Import objects, a batch each, in this order; none may fail."""
        messages = [self.put(content) for content in contents]
        for message in messages:
            assert self.handle(message) == [None]
        return messages

    def row(self, message: ImportObject) -> Mapping[str, Any]:
        """Return the row of a reception."""
        with self.engine.connect() as connection:
            query = select(table_of(ReceivedObject)).where(ReceivedObject.trace_id == message.trace_id)
            return dict(connection.execute(query).mappings().one())

    def outcome(self, message: ImportObject) -> tuple[str, str | None]:
        """Return state and effect of a reception."""
        row = self.row(message)
        return row["state"].value, row["effect"]

    def studies(self, *uids: str) -> list[StoredStudy]:
        """Return the stored studies, of these UIDs or all, ordered by UID and part."""
        studies = table_of_studies(self.engine)
        with self.engine.connect() as connection:
            if uids:
                return [study for uid in uids for study in find_studies(connection, uid)]
            return read_studies(connection, studies)

    def set_privacy_policy(self, **handling: Handling) -> None:
        """Decide what is stored of a patient's identity from now on; what is left out gets its default."""
        with self.engine.begin() as connection:
            connection.execute(insert(table_of(PrivacyPolicy)).values(id=1, **{**DEFAULTS, **handling}))

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        with self.engine.connect() as connection:
            return len(connection.execute(select(Base.metadata.tables[table])).all())

    def snapshot(self) -> JsonObject:
        """Return everything that is stored of studies, without what depends on when it came (ids, moments)."""
        described = [
            {
                "part": study.part.value,
                "processed": study.processed_sop_instance_uids,
                "document": study.document.to_json(),
            }
            for study in self.studies()
        ]
        with self.engine.connect() as connection:
            equipment = connection.scalars(select(Base.metadata.tables["equipment"].c.identity_hash))
            study = Base.metadata.tables["study"]
            totals = connection.execute(
                select(
                    study.c.study_instance_uid,
                    study.c.part,
                    study.c.modality,
                    study.c.events_count,
                    study.c.total_dlp_mgy_cm,
                    study.c.total_dap_gy_m2,
                    study.c.total_rp_dose_gy,
                ).order_by(study.c.study_instance_uid, study.c.part)
            )
            return {"studies": described, "equipment": sorted(equipment), "rows": [tuple(row) for row in totals]}


def table_of_studies(engine: Engine) -> Sequence[int]:
    """Return the ids of all studies, by UID and part."""
    study = Base.metadata.tables["study"]
    with engine.connect() as connection:
        return list(connection.scalars(select(study.c.id).order_by(study.c.study_instance_uid, study.c.part)))


def expected_documents(path: Path) -> Iterable[tuple[str, JsonObject]]:
    """Yield what has to be stored of a file: by part, `dosewire extract` less the identity of the patient."""
    read = extract(path)
    document = read.to_json()
    for part in read.doses:
        kept = {name: value for name, value in document.items() if name not in set(read.doses) - {part}}
        study = withhold(document["study"], DEFAULTS, key=None)
        outcome = {name: value for name, value in document["outcome"].items() if value is not None}
        if matched := not_patient(document["study"], COMMON_PATTERNS):
            outcome["not_patient"] = matched
        yield part.value, {**kept, "study": study, "outcome": outcome}
