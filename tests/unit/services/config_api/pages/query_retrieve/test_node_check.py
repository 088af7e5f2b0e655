from services.config_api.pages.query_retrieve.node_check import STEPS
from shared.database.models.node_check import CheckStep


def test_every_step_has_a_name_for_people() -> None:
    assert set(STEPS) == set(CheckStep)
