from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from services.config_api.app import create_app
from services.config_api.web.context import EXTENSION
from services.config_api.web.settings import ConfigApiSettings

NOBODY = "127.0.0.1:1"


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with a database and a broker where nobody listens."""
    settings = ConfigApiSettings(
        database_url=SecretStr(f"postgresql+psycopg2://nobody@{NOBODY}/none"),
        amqp_url=SecretStr(f"amqp://nobody:x@{NOBODY}/none"),
        data_dir=tmp_path_factory.mktemp("data"),
        service_health_urls=f"importer=http://{NOBODY}",
    )
    app = create_app(settings=settings)
    yield app
    app.extensions[EXTENSION].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
