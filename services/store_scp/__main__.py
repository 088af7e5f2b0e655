"""`python -m services.store_scp`: the Store SCP service."""

from services.store_scp.common.settings import StoreScpSettings
from services.store_scp.supervisor.service import main
from shared.service import run

if __name__ == "__main__":
    run(service="store_scp", settings_class=StoreScpSettings, main=main)
