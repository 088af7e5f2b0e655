from pathlib import Path

import pytest

from services.store_scp.common.settings import StoreNodeSettings, StoreScpSettings
from shared.errors import SettingsError
from shared.settings import load

ENVIRON = {
    "DOSEWIRE_DATABASE_URL": "postgresql+psycopg2://u:p@h/d",
    "DOSEWIRE_AMQP_URL": "amqp://u:p@h/",
    "DOSEWIRE_DATA_DIR": "/data",
}


def test_a_node_needs_only_the_folder() -> None:
    assert load(StoreNodeSettings, {"DOSEWIRE_DATA_DIR": "/data"}).maximum_associations == 200


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


def test_certificate_and_key_belong_together() -> None:
    for given in ("DOSEWIRE_TLS_CERTIFICATE", "DOSEWIRE_TLS_KEY"):
        with pytest.raises(SettingsError) as caught:
            load(StoreNodeSettings, {"DOSEWIRE_DATA_DIR": "/data", given: "/tls/file.pem"})
        (problem,) = caught.value.problems
        assert problem == "DOSEWIRE_TLS_KEY: and DOSEWIRE_TLS_CERTIFICATE belong together; set both or none"


def test_an_authority_alone_is_no_tls() -> None:
    with pytest.raises(SettingsError) as caught:
        load(StoreNodeSettings, {"DOSEWIRE_DATA_DIR": "/data", "DOSEWIRE_TLS_CLIENT_CA": "/tls/ca.pem"})
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["DOSEWIRE_TLS_CLIENT_CA"]


def test_a_key_that_is_given_as_content_is_refused_and_not_repeated(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\nMIISECRET\n-----END PRIVATE KEY-----\n")
    with pytest.raises(SettingsError) as caught:
        load(StoreNodeSettings, {"DOSEWIRE_DATA_DIR": "/data", "DOSEWIRE_TLS_KEY_FILE": str(key)})
    assert "MIISECRET" not in str(caught.value)
    assert any("must be the path of a PEM file" in problem for problem in caught.value.problems)


def test_a_watermark_that_cannot_be_read_is_named() -> None:
    with pytest.raises(SettingsError) as caught:
        load(StoreNodeSettings, {"DOSEWIRE_DATA_DIR": "/data", "DOSEWIRE_SPOOL_WATERMARK": "plenty"})
    (problem,) = caught.value.problems
    assert problem == "DOSEWIRE_SPOOL_WATERMARK: must be a size such as 1GiB or 500MB, or a part of the disk such as 5%"
