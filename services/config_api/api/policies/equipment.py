"""REST resource of equipment: the devices that objects name, and their users' names for them."""

from http import HTTPStatus

from flask import Response

from services.config_api.actions.policies import equipment
from services.config_api.actions.policies.equipment import EquipmentPatch
from services.config_api.api.common.base import IdPath, Moment, ResponseModel, answer, blueprint, problems
from services.config_api.web.current import context
from shared.database.models import UserModality

api = blueprint("equipment", tag="Equipment", description="Names of equipment, and whether it is DX, RF or both")


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
        items = [EquipmentOutput.model_validate(row) for row in equipment.list_equipment(session)]
    return answer(EquipmentList(items=items))


@api.get("/<int:id>", responses={HTTPStatus.OK: EquipmentOutput} | problems(HTTPStatus.NOT_FOUND))
def get_equipment(path: IdPath) -> Response:
    """Show equipment."""
    with context().transaction() as session:
        return answer(EquipmentOutput.model_validate(equipment.find_equipment(session, path.id)))


@api.patch("/<int:id>", responses={HTTPStatus.OK: EquipmentOutput} | problems(HTTPStatus.NOT_FOUND))
def change_equipment(path: IdPath, body: EquipmentPatch) -> Response:
    """Change display name or user modality; stored studies get the class that follows from the user modality."""
    with context().transaction() as session:
        return answer(EquipmentOutput.model_validate(equipment.change_equipment(session, path.id, body)))
