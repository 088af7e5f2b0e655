"""Input models: their base classes, and the types of their fields."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.config_api.web.hosts import parse_host, parse_ip_address, parse_peer
from shared.dicom.ae_title import parse_ae_title, parse_remote_ae_title
from shared.dicom.uid import is_valid_uid


class RequestModel(BaseModel):
    """Something to create or to change: exact types, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class QueryModel(BaseModel):
    """The filters of a list, or a reference to one row: text is converted, unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _without_control_characters(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must not hold line breaks or other control characters")
    return text


FriendlyName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    AfterValidator(_without_control_characters),
]
DisplayName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_without_control_characters),
]
Pattern = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    AfterValidator(_without_control_characters),
    Field(description="`*` for any text, `?` for a character, `[0-9]` for one of these, `[!0-9]` for another one"),
]
IpAddress = Annotated[str, AfterValidator(parse_ip_address), Field(json_schema_extra={"examples": ["192.0.2.10"]})]
Peer = Annotated[str, AfterValidator(parse_peer), Field(json_schema_extra={"examples": ["192.0.2.0/24"]})]
Host = Annotated[str, AfterValidator(parse_host), Field(json_schema_extra={"examples": ["pacs.example.org"]})]
AeTitle = Annotated[
    str,
    AfterValidator(parse_ae_title),
    Field(json_schema_extra={"pattern": "^[A-Za-z0-9]{1,16}$", "examples": ["DOSEWIRE"]}),
]
RemoteAeTitle = Annotated[
    str,
    AfterValidator(parse_remote_ae_title),
    Field(json_schema_extra={"pattern": r"^[ -\[\]-~]{1,16}$", "examples": ["MAIN_PACS"]}),
]
Port = Annotated[int, Field(ge=1, le=65535)]


def _iso_8601(text: object) -> datetime:
    """Read a moment; pydantic alone would take a bare year for seconds since 1970."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        raise ValueError("must be a moment such as 2026-11-21T08:00:00Z") from None


def _day(text: object) -> date:
    """Read a day; pydantic's strict mode would not take text at all."""
    if isinstance(text, date):
        return text
    try:
        if not isinstance(text, str) or len(text) != len("YYYY-MM-DD"):
            raise ValueError  # noqa: TRY301 (one message for all of them)
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a day such as 2026-11-21") from None


def _uid(text: str) -> str:
    if not is_valid_uid(text):
        raise ValueError("is not a UID: at most 64 characters, numbers without leading zeros joined by dots")
    return text


Day = Annotated[date, BeforeValidator(_day)]
StudyInstanceUid = Annotated[
    str, AfterValidator(_uid), Field(json_schema_extra={"examples": ["1.2.826.0.1.3680043.8.498.1"]})
]
MomentInQuery = Annotated[AwareDatetime, BeforeValidator(_iso_8601)]
