from services.store_scp.child import without_secrets


def test_a_node_is_given_no_password() -> None:
    environ = {
        "DOSEWIRE_DATABASE_URL": "postgresql://u:secret@h/d",
        "DOSEWIRE_DATABASE_URL_FILE": "/run/secrets/database",
        "DOSEWIRE_AMQP_URL": "amqp://u:secret@h/",
        "DOSEWIRE_AMQP_URL_FILE": "/run/secrets/amqp",
        "DOSEWIRE_DATA_DIR": "/data",
        "PATH": "/usr/bin",
    }
    assert without_secrets(environ) == {"DOSEWIRE_DATA_DIR": "/data", "PATH": "/usr/bin"}
