"""Equipment: what irradiated, as the objects name it, and what users say of it."""

from http import HTTPStatus

from flask import Response
from pydantic import ConfigDict, Field
from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.orm import Session

from services.config_api.actions.common.models import DisplayName, RequestModel
from services.config_api.api.common.base import IdPath, Moment, ResponseModel, answer, blueprint, problems
from services.config_api.web import problem
from services.config_api.web.current import context
from services.config_api.web.problem import FieldProblem
from shared.database.models import Equipment, Study, UserModality
from shared.stored_study.modality import PROJECTION, class_of_study

api = blueprint("equipment", tag="Equipment", description="Names of equipment, and whether it is DX, RF or both")


class EquipmentPatch(RequestModel):
    """What to change; what is left out stays as it is."""

    model_config = ConfigDict(
        strict=False, json_schema_extra={"examples": [{"display_name": "Angio, room 3", "user_modality": "rf"}]}
    )

    display_name: DisplayName | None = Field(default=None, description="What people call it")
    user_modality: UserModality | None = Field(
        default=None,
        description="`dx` or `rf`: all its projection studies are; `dual` or null: each study is what its content says",
    )


class EquipmentOutput(ResponseModel):
    """Equipment. A software upgrade makes another one, which inherits display name and user modality."""

    id: int
    display_name: str
    user_modality: UserModality | None
    manufacturer: str | None
    model: str | None
    station_name: str | None
    institution: str | None
    department: str | None
    device_serial_number: str | None
    software_versions: str | None
    gantry_id: str | None
    device_observer_uid: str | None
    created_at: Moment


class EquipmentList(ResponseModel):
    """All equipment, by display name."""

    items: list[EquipmentOutput]


@api.get("", responses={HTTPStatus.OK: EquipmentList})
def list_equipment() -> Response:
    """List the equipment that objects have named."""
    with context().transaction() as session:
        rows = session.scalars(select(Equipment).order_by(Equipment.display_name, Equipment.id))
        items = [EquipmentOutput.model_validate(row) for row in rows]
    return answer(EquipmentList(items=items))


@api.get("/<int:id>", responses={HTTPStatus.OK: EquipmentOutput} | problems(HTTPStatus.NOT_FOUND))
def get_equipment(path: IdPath) -> Response:
    """Show equipment."""
    with context().transaction() as session:
        return answer(EquipmentOutput.model_validate(_find(session, path.id)))


@api.patch("/<int:id>", responses={HTTPStatus.OK: EquipmentOutput} | problems(HTTPStatus.NOT_FOUND))
def change_equipment(path: IdPath, body: EquipmentPatch) -> Response:
    """Change display name or user modality; stored studies get the class that follows from the user modality."""
    changed = body.model_dump(exclude_unset=True)
    if "display_name" in changed and changed["display_name"] is None:
        raise problem.invalid(
            FieldProblem(field="display_name", detail="must not be null; leave it out or give a name")
        )
    with context().transaction() as session:
        equipment = _find(session, path.id, lock=True)
        for name, value in changed.items():
            setattr(equipment, name, value)
        session.flush()
        if "user_modality" in changed:
            _relabel(session, equipment)
        return answer(EquipmentOutput.model_validate(equipment))


def _find(session: Session, equipment_id: int, *, lock: bool = False) -> Equipment:
    """Return equipment; with `lock`, after the imports that are storing studies of it, and before any other."""
    equipment = session.get(Equipment, equipment_id, with_for_update={"key_share": True} if lock else None)
    if equipment is None:
        raise problem.not_found(f"there is no equipment {equipment_id}", "GET /api/v1/equipment lists what there is")
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
