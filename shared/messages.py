"""The messages that travel through the broker: small, frozen, versioned; they refer to a file or a row.

A change of shape is a new version (`v`). A consumer dead-letters a message of a shape that it does not know, so none is
misread. The tests keep a golden JSON file of each version.
"""

from datetime import datetime
from typing import ClassVar, Literal, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.errors import InvalidMessage


class Message(BaseModel):
    """The base of every message. `queue` names the work queue (see `shared.broker.topology`) that it goes to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queue: ClassVar[str]

    v: Literal[1] = 1


class Reception(BaseModel):
    """The reception of an object: its source, time and sender."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Literal["c_store", "command_line"]
    received_at: datetime
    store_node: str | None = None
    calling_ae_title: str | None = None
    called_ae_title: str | None = None
    peer_address: str | None = None


class HeaderSummary(BaseModel):
    """The attributes of an object's header that identify it for an operator. No patient data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sop_class_uid: str | None = None
    sop_instance_uid: str | None = None
    study_instance_uid: str | None = None
    series_instance_uid: str | None = None
    modality: str | None = None
    station_name: str | None = None


class ImportObject(Message):
    """Import the object that lies in the spool under this trace id."""

    queue = "import"

    trace_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    size_bytes: int = Field(ge=0)
    reception: Reception
    header: HeaderSummary | None = None
    object_kind: str | None = None
    """The kind of dose object that the header shows; None: it cannot hold dose, `refusal_reason` says why."""
    refusal_reason: str | None = None


class QrStep(Message):
    """Take the next step of a query/retrieve job; its state is in the database."""

    queue = "qr"

    job_id: UUID
    study_id: int | None = None
    """The `qr_study` row to retrieve; None: take the query step, or finish the job."""


class CheckNode(Message):
    """Call a node: take the steps of a node test, or send one C-ECHO. Exactly one field is set."""

    queue = "check"

    check_id: UUID | None = None
    """The `node_check` row of a test."""
    remote_node_id: int | None = None
    """The remote node that gets a C-ECHO."""
    store_node_id: int | None = None
    """The store node of a third party that gets a C-ECHO."""

    @model_validator(mode="after")
    def _is_about_one(self) -> Self:
        given = [one for one in (self.check_id, self.remote_node_id, self.store_node_id) if one is not None]
        if len(given) != 1:
            raise ValueError("must have exactly one of check_id, remote_node_id, store_node_id")
        return self


MessageT = TypeVar("MessageT", bound=Message)


def parse(message_class: type[MessageT], body: bytes) -> MessageT:
    """Read a message from its JSON.

    Raises:
        InvalidMessage: the body is not a message of this class and version; the text says which field.
    """
    try:
        return message_class.model_validate_json(body)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        fields = "; ".join(f"{'.'.join(map(str, d['loc'])) or 'body'}: {d['msg']}" for d in details[:5])
        raise InvalidMessage(f"not a message of the class {message_class.__name__}: {fields}") from error
