from services.config_api.node_test.outcome import Step
from services.config_api.pages.query_retrieve.node_check import STEPS


def test_every_step_has_a_name_for_people() -> None:
    assert set(STEPS) == set(Step)
