"""Entry point of the service: `python -m services.config_api`."""

from services.config_api.server import serve
from services.config_api.web.settings import ConfigApiSettings
from shared.service import run

if __name__ == "__main__":
    run(service="config_api", settings_class=ConfigApiSettings, main=serve)
