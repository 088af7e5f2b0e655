"""The series and instances of a job's studies in SQL: the wanted ones, and the arrived ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session, sessionmaker

from services.qr.choice.found import Choice, Instance, SeriesDecision
from shared.database.engine import unavailable_when_away
from shared.database.models.qr import OPEN_STUDY_STATES, QrInstance, QrSeries, QrStudy
from shared.database.models.received_object import ObjectState, ReceivedObject
from shared.database.models.study import ProcessedObject, Study

IMPORTING = frozenset({ObjectState.QUEUED, ObjectState.RETRYING})


@dataclass(frozen=True, slots=True)
class WantedSeries:
    """A wanted series, or a part of one. `sop_instance_uids` empty: the node has not named its instances."""

    id: int
    series_instance_uid: str
    label: str
    whole: bool
    sop_instance_uids: tuple[str, ...]
    done: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """The state of an object that was received."""

    state: ObjectState
    reason: str | None


class Contents:
    """The content of studies in the database. Every method raises `Unavailable` where it is away."""

    def __init__(self, *, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def known(self, study_instance_uid: str) -> frozenset[str]:
        """Return the SOP Instance UIDs that were received of a study, with any outcome."""
        received = select(ReceivedObject.sop_instance_uid).where(
            ReceivedObject.study_instance_uid == study_instance_uid, ReceivedObject.sop_instance_uid.is_not(None)
        )
        processed = (
            select(ProcessedObject.sop_instance_uid)
            .join(Study, Study.id == ProcessedObject.study_id)
            .where(Study.study_instance_uid == study_instance_uid)
        )
        with unavailable_when_away(), self._sessions() as session:
            return frozenset(uid for uid in session.scalars(received.union(processed)) if uid)

    def received_classes(self, study_instance_uid: str) -> dict[str, str]:
        """Return the SOP class of each object that was received of a study, by its SOP Instance UID."""
        statement = select(ReceivedObject.sop_instance_uid, ReceivedObject.sop_class_uid).where(
            ReceivedObject.study_instance_uid == study_instance_uid
        )
        with unavailable_when_away(), self._sessions() as session:
            return {uid: sop_class for uid, sop_class in session.execute(statement) if uid and sop_class}

    def is_to_be_decided_anew(self, study_id: int) -> bool:
        """Tell whether a report was received whose SOP class the node did not return: now the class is known."""
        statement = (
            select(QrInstance.id)
            .join(QrSeries, QrSeries.id == QrInstance.series_id)
            .join(ReceivedObject, ReceivedObject.sop_instance_uid == QrInstance.sop_instance_uid)
            .where(QrSeries.study_id == study_id, QrSeries.modality == "SR", QrInstance.wanted)
            .where(QrInstance.sop_class_uid.is_(None), ReceivedObject.sop_class_uid.is_not(None))
            .limit(1)
        )
        with unavailable_when_away(), self._sessions() as session:
            return session.scalar(statement) is not None

    def write(self, study_id: int, choice: Choice) -> None:
        """Write the series and instances of a study and the decisions on them, in place of earlier ones."""
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(
                update(QrStudy)
                .where(QrStudy.id == study_id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(explanation=choice.reason, reason="")
            )
            session.execute(delete(QrSeries).where(QrSeries.study_id == study_id))
            for decision in choice.decisions:
                series_id = session.scalar(insert(QrSeries).returning(QrSeries.id), _series_row(study_id, decision))
                rows = [_instance_row(series_id, decision, one) for one in decision.series.instances or ()]
                if rows:
                    session.execute(insert(QrInstance), rows)

    def wanted(self, study_id: int) -> list[WantedSeries] | None:
        """Return the series of which something is wanted; None where nothing was decided yet."""
        with unavailable_when_away(), self._sessions() as session:
            every = session.scalars(select(QrSeries).where(QrSeries.study_id == study_id).order_by(QrSeries.id)).all()
            if not every:
                return None
            return [_wanted(session, one) for one in every if one.wanted]

    def arrivals(
        self, study_instance_uid: str, sop_instance_uids: Sequence[str], *, since: datetime | None
    ) -> dict[str, Arrival]:
        """Return the state of those of these objects that have been received; `since` None: at any time."""
        if not sop_instance_uids:
            return {}
        statement = (
            select(ReceivedObject.sop_instance_uid, ReceivedObject.state, ReceivedObject.reason)
            .where(ReceivedObject.sop_instance_uid.in_(sop_instance_uids))
            .where(ReceivedObject.study_instance_uid == study_instance_uid)
            .order_by(ReceivedObject.received_at)
        )
        if since is not None:
            statement = statement.where(ReceivedObject.received_at >= since)
        with unavailable_when_away(), self._sessions() as session:
            rows = session.execute(statement).all()
        found: dict[str, Arrival] = {}
        for uid, state, reason in rows:
            # Several receptions: one that is through the import says more than one that is on its way.
            if uid is not None and (uid not in found or found[uid].state in IMPORTING | {ObjectState.FAILED}):
                found[uid] = Arrival(state, reason)
        return found

    def done(self, series_id: int, outcome: str) -> None:
        """Write that all that is wanted of a series has come."""
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(update(QrSeries).where(QrSeries.id == series_id).values(outcome=outcome))


def _wanted(session: Session, series: QrSeries) -> WantedSeries:
    uids = session.scalars(
        select(QrInstance.sop_instance_uid)
        .where(QrInstance.series_id == series.id, QrInstance.wanted)
        .order_by(QrInstance.id)
    ).all()
    number = "without number" if series.series_number is None else str(series.series_number)
    return WantedSeries(
        id=series.id,
        series_instance_uid=series.series_instance_uid,
        label=f"series {number}",
        whole=series.whole,
        sop_instance_uids=tuple(uids),
        done=bool(series.outcome),
    )


def _series_row(study_id: int, decision: SeriesDecision) -> dict[str, object]:
    one = decision.series
    return {
        "study_id": study_id,
        "series_instance_uid": one.series_instance_uid,
        "modality": one.modality,
        "series_number": one.series_number,
        "series_description": one.description,
        "station_name": one.station_name,
        "instances_in_series": one.instance_count,
        "wanted": decision.wanted,
        "whole": decision.is_whole,
        "reason": decision.reason,
        "outcome": "",
    }


def _instance_row(series_id: int | None, decision: SeriesDecision, one: Instance) -> dict[str, object]:
    uids = decision.sop_instance_uids
    wanted = decision.wanted and (uids is None or one.sop_instance_uid in uids)
    return {
        "series_id": series_id,
        "sop_instance_uid": one.sop_instance_uid,
        "sop_class_uid": one.sop_class_uid,
        "instance_number": one.instance_number,
        "wanted": wanted,
        "reason": _instance_reason(decision, one, wanted=wanted),
    }


def _instance_reason(decision: SeriesDecision, one: Instance, *, wanted: bool) -> str:
    if one.sop_instance_uid in decision.known:
        return "received before"
    return decision.reason if wanted or not decision.wanted else "not needed"
