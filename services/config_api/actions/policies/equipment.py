"""Equipment: its display name, and its user modality, from which the class of its projection studies follows."""

from collections.abc import Sequence

from pydantic import ConfigDict, Field
from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.orm import Session

from services.config_api.actions.common.models import DisplayName, RequestModel
from services.config_api.web import problem
from services.config_api.web.problem import FieldProblem
from shared.database.models import Equipment, Study, UserModality
from shared.stored_study.modality import PROJECTION, class_of_study


class EquipmentPatch(RequestModel):
    """Changes of equipment; fields that are left out stay as they are."""

    model_config = ConfigDict(
        strict=False, json_schema_extra={"examples": [{"display_name": "Angio, room 3", "user_modality": "rf"}]}
    )

    display_name: DisplayName | None = Field(default=None, description="The name that people use")
    user_modality: UserModality | None = Field(
        default=None,
        description="`dx` or `rf`: the class of all its projection studies; `dual` or null: the class follows from the"
        " content of each study",
    )


def list_equipment(session: Session) -> Sequence[Equipment]:
    """Return all equipment, by display name."""
    return session.scalars(select(Equipment).order_by(Equipment.display_name, Equipment.id)).all()


def find_equipment(session: Session, equipment_id: int, *, lock: bool = False) -> Equipment:
    """Return equipment; with `lock`, after the imports that are storing studies of it, and before any other.

    Raises:
        ProblemError: there is none of this id.
    """
    equipment = session.get(Equipment, equipment_id, with_for_update={"key_share": True} if lock else None)
    if equipment is None:
        raise problem.not_found(f"there is no equipment {equipment_id}", "GET /api/v1/equipment lists what there is")
    return equipment


def change_equipment(session: Session, equipment_id: int, patch: EquipmentPatch) -> Equipment:
    """Change display name or user modality; stored studies get the class that follows from the user modality.

    Raises:
        ProblemError: there is no such equipment, or it would have no name.
    """
    changed = patch.model_dump(exclude_unset=True)
    if "display_name" in changed and changed["display_name"] is None:
        raise problem.invalid(
            FieldProblem(field="display_name", detail="must not be null; leave it out or give a name")
        )
    equipment = find_equipment(session, equipment_id, lock=True)
    for name, value in changed.items():
        setattr(equipment, name, value)
    session.flush()
    if "user_modality" in changed:
        _relabel(session, equipment)
    return equipment


def _relabel(session: Session, equipment: Equipment) -> None:
    """Give the stored studies of equipment the class that follows from their content and its user modality."""
    wanted: ColumnElement[str] = case(
        {by_content: class_of_study(by_content, equipment.user_modality) for by_content in PROJECTION},
        value=Study.modality_by_content,
    )
    session.execute(
        update(Study)
        .where(
            Study.equipment_id == equipment.id,
            Study.modality_by_content.in_(PROJECTION),
            Study.modality.is_distinct_from(wanted),
        )
        .values(modality=wanted, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )
