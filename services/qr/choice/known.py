"""The choice without objects that were received before; of a series with new objects, only these remain."""

from collections.abc import Collection
from dataclasses import replace

from services.qr.choice.found import Choice, SeriesDecision


def without_known(choice: Choice, known: Collection[str]) -> Choice:
    """Return a choice without the instances whose SOP Instance UIDs are known in this study.

    A series whose instances the node does not name stays as a whole.
    """
    if not known:
        return choice
    decisions = tuple(_without_known(decision, known) for decision in choice.decisions)
    dropped = _wanted_count(choice.decisions) - _wanted_count(decisions)
    if not dropped:
        return replace(choice, decisions=decisions)
    left = any(decision.wanted for decision in decisions)
    reason = f"{choice.reason}; {dropped} received before" + ("" if left else ", nothing is new")
    return replace(choice, decisions=decisions, reason=reason)


def _without_known(decision: SeriesDecision, known: Collection[str]) -> SeriesDecision:
    wanted = _wanted_uids(decision)
    if wanted is None:
        return decision
    new = tuple(uid for uid in wanted if uid not in known)
    if len(new) == len(wanted):
        return decision
    old = frozenset(wanted) - frozenset(new)
    if not new:
        reason = f"{decision.reason}: received before"
        return replace(decision, wanted=False, sop_instance_uids=(), reason=reason, known=old)
    reason = f"{decision.reason}: {len(old)} of {len(wanted)} received before"
    return replace(decision, sop_instance_uids=new, reason=reason, known=old)


def _wanted_uids(decision: SeriesDecision) -> tuple[str, ...] | None:
    """Return the instances that are wanted, as far as they are named."""
    if not decision.wanted:
        return None
    if decision.sop_instance_uids is not None:
        return decision.sop_instance_uids
    return tuple(one.sop_instance_uid for one in decision.series.instances or ()) or None


def _wanted_count(decisions: tuple[SeriesDecision, ...]) -> int:
    return sum(len(_wanted_uids(decision) or ()) for decision in decisions)
