"""Ignore rules: patterns of equipment whose objects are refused."""

from collections.abc import Sequence
from typing import Self

from pydantic import ConfigDict, Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.actions.common.changes import lock_table, patched
from services.config_api.actions.common.models import FriendlyName, Pattern, RequestModel
from services.config_api.web import problem
from services.config_api.web.problem import FieldProblem
from shared.database.models import IgnoreRule


class IgnoreRulePatch(RequestModel):
    """Changes of a rule; fields that are left out stay as they are, null removes a pattern."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"station_name": None}]})

    name: FriendlyName | None = None
    manufacturer: Pattern | None = None
    model: Pattern | None = None
    station_name: Pattern | None = None
    software_versions: Pattern | None = None
    device_serial_number: Pattern | None = None


class IgnoreRuleInput(IgnoreRulePatch):
    """A rule: an object is refused when all of the given patterns match."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Test scanner", "model": "*simulator*", "station_name": "CT0[1-3]"}]}
    )

    name: FriendlyName = Field(description="The reason of a refusal names it")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(getattr(self, field) is None for field in IgnoreRule.FIELDS):
            raise ValueError(
                f"needs a pattern at least, or everything would be ignored: {', '.join(IgnoreRule.FIELDS)}"
            )
        return self


def list_ignore_rules(session: Session) -> Sequence[IgnoreRule]:
    """Return the rules by name."""
    return session.scalars(select(IgnoreRule).order_by(IgnoreRule.name)).all()


def find_ignore_rule(session: Session, rule_id: int) -> IgnoreRule:
    """Return a rule.

    Raises:
        ProblemError: there is none of this id.
    """
    rule = session.get(IgnoreRule, rule_id)
    if rule is None:
        raise problem.not_found(f"there is no ignore rule {rule_id}", "GET /api/v1/ignore-rules lists those there are")
    return rule


def add_ignore_rule(session: Session, wanted: IgnoreRuleInput) -> IgnoreRule:
    """Create a rule; it acts on objects that are imported from now on.

    Raises:
        ProblemError: another rule has this name.
    """
    _check_name(session, wanted.name, own_id=None)
    rule = IgnoreRule(**wanted.model_dump())
    session.add(rule)
    session.flush()
    return rule


def change_ignore_rule(session: Session, rule_id: int, patch: IgnoreRulePatch) -> IgnoreRule:
    """Change the fields of a rule that are in the patch.

    Raises:
        ProblemError: there is no such rule, or the result breaks a rule of the input.
    """
    rule = find_ignore_rule(session, rule_id)
    wanted = patched(rule, patch, into=IgnoreRuleInput)
    _check_name(session, wanted.name, own_id=rule.id)
    for name, value in wanted.model_dump().items():
        setattr(rule, name, value)
    session.flush()
    return rule


def delete_ignore_rule(session: Session, rule_id: int) -> None:
    """Delete a rule; objects that it has refused stay refused.

    Raises:
        ProblemError: there is no such rule.
    """
    session.delete(find_ignore_rule(session, rule_id))


def _check_name(session: Session, name: str, *, own_id: int | None) -> None:
    lock_table(session, IgnoreRule)
    if any(id_ != own_id for id_ in session.scalars(select(IgnoreRule.id).where(IgnoreRule.name == name))):
        raise problem.conflict(FieldProblem(field="name", detail="is the name of another rule; choose another one"))
