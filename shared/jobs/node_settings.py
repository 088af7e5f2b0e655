"""The settings of a remote node for queries and retrievals, stored with the node."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ConfigDict, Field

from shared.dicomweb.settings import DicomwebSettings
from shared.jobs.cron import check_time_zone
from shared.tls.client import ServerIdentity
from shared.tls.node import NodeTls


def _without_zone(clock: time) -> time:
    if clock.tzinfo is not None:
        raise ValueError("must be a time of the day such as 20:00, without a time zone: that is in time_zone")
    return clock


TimeOfDay = Annotated[time, AfterValidator(_without_zone)]
A_FEW_DAYS = 4
"""The number of days in which a node's hours come at least once, also when clocks change."""


class RetrieveBy(StrEnum):
    """The way in which objects get to the store node."""

    MOVE = "move"
    """C-MOVE: the remote node calls the store node, so the remote node must have it configured."""
    GET = "get"
    """C-GET: objects come over the association that we open, and the qr service passes them on."""


class NodeSettings(NodeTls):
    """The settings that differ from node to node. None: the setting of the qr service applies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_associations: int = Field(default=4, ge=1, le=64)
    """The most associations of all workers together with it."""
    pause_seconds: float = Field(default=0.0, ge=0, le=60)
    """The pause between two requests of one worker."""
    hours_from: TimeOfDay | None = None
    """Jobs run only between these two times of the day; both or none."""
    hours_until: TimeOfDay | None = None
    time_zone: Annotated[str, AfterValidator(check_time_zone)] | None = None
    """The time zone of the hours, a name of the IANA database; None: the one of the qr service's host."""
    modality_key: bool = False
    """True: it needs Modality (0008,0060) at STUDY level in place of Modalities in Study."""
    most_matches: int | None = Field(default=None, ge=1)
    """The number of answers at which it cuts off without notice."""
    retrieve_by: RetrieveBy = RetrieveBy.MOVE
    connect_seconds: float | None = Field(default=None, gt=0, le=300)
    acse_seconds: float | None = Field(default=None, gt=0, le=300)
    idle_seconds: float | None = Field(default=None, gt=0, le=1500)
    dicomweb: DicomwebSettings | None = None
    """The address of its web services; QIDO-RS and WADO-RS then replace C-FIND and C-MOVE or C-GET."""
    max_pdu_bytes: int = Field(default=16382, ge=0, le=1 << 20)
    """The longest PDU that we accept from it; 0: any."""

    @property
    def web_server_identity(self) -> ServerIdentity | None:
        """Return the identity that the node's web services have to prove, None where they are called without TLS."""
        if self.dicomweb is None or not self.dicomweb.wants_tls:
            return None
        return ServerIdentity(self.tls_name or self.dicomweb.host, is_checked=self.tls_check_name)

    def is_open_at(self, moment: datetime) -> bool:
        """Tell whether jobs may run at a moment, by the clock of the time zone; the hours may pass midnight."""
        if self.hours_from is None or self.hours_until is None or self.hours_from == self.hours_until:
            return True
        clock = moment.astimezone(self._zone).time()
        if self.hours_from <= self.hours_until:
            return self.hours_from <= clock < self.hours_until
        return clock >= self.hours_from or clock < self.hours_until

    def seconds_until_open(self, moment: datetime) -> float:
        """Return the seconds from a moment until jobs may run; 0: now.

        Hours that begin at a time which the clock leaves out begin as much later, at most by what it leaves out; those
        that lie wholly in it do not come on that day.
        """
        if self.hours_from is None or self.is_open_at(moment):
            return 0.0
        today = moment.astimezone(self._zone).date()
        # What comes twice has two moments (fold 0 and 1); a time that is left out has one that the clock shows later.
        openings = (
            datetime.combine(today + timedelta(days=days), self.hours_from.replace(fold=fold), self._zone).astimezone(
                UTC
            )
            for days in range(A_FEW_DAYS)
            for fold in (0, 1)
        )
        return min((one - moment).total_seconds() for one in openings if one > moment and self.is_open_at(one))

    @property
    def _zone(self) -> tzinfo | None:
        """None stands for the host's, with its changes of the clock, for `astimezone` and naive moments."""
        return None if self.time_zone is None else ZoneInfo(self.time_zone)
