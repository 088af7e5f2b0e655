import pytest

from services.store_scp.settings import NodeSettings, StoreScpSettings
from shared.errors import SettingsError
from shared.settings import load

ENVIRON = {
    "DOSEWIRE_DATABASE_URL": "postgresql+psycopg2://u:p@h/d",
    "DOSEWIRE_AMQP_URL": "amqp://u:p@h/",
    "DOSEWIRE_DATA_DIR": "/data",
}


def test_a_node_needs_only_the_folder() -> None:
    assert load(NodeSettings, {"DOSEWIRE_DATA_DIR": "/data"}).maximum_associations == 200


def test_the_supervisor_reports_a_wrong_setting_of_the_nodes_with_its_own() -> None:
    with pytest.raises(SettingsError) as caught:
        load(StoreScpSettings, {"DOSEWIRE_DATA_DIR": "/data", "DOSEWIRE_MAXIMUM_ASSOCIATIONS": "0"})
    assert sorted(problem.partition(":")[0] for problem in caught.value.problems) == [
        "DOSEWIRE_AMQP_URL",
        "DOSEWIRE_DATABASE_URL",
        "DOSEWIRE_MAXIMUM_ASSOCIATIONS",
    ]


def test_the_health_port_is_the_documented_one() -> None:
    assert load(StoreScpSettings, ENVIRON).health_port == 9101
