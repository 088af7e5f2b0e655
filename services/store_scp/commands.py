"""`dosewire store`: one store node by itself, to commission a scanner or to measure."""

import os
from ipaddress import ip_address
from pathlib import Path

import click

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.settings import StoreNodeSettings
from services.store_scp.node.serving import serve
from shared.dicom.ae_title import parse_ae_title
from shared.logging import configure
from shared.service import stop_on_signals
from shared.settings import load


def _ae_title(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    try:
        return parse_ae_title(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.option(
    "--ae-title", required=True, callback=_ae_title, help="What callers have to call it: at most 16 letters or digits."
)
@click.option("--port", required=True, type=click.IntRange(1, 65535), help="Where it listens.")
@click.option("--spool", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where objects go.")
@click.option("--bind", default="127.0.0.1", show_default=True, help="The address it listens on.")
@click.option("--calling-ae-title", multiple=True, help="An AE title that may call; may be given several times.")
@click.option("--any-caller", is_flag=True, help="Allow every caller, although other machines reach it.")
def store(
    *, ae_title: str, port: int, spool: Path, bind: str, calling_ae_title: tuple[str, ...], any_caller: bool
) -> None:
    """Run one store node without database and broker, until Ctrl-C.

    Objects lie in SPOOL/incoming then. They are imported when the store_scp service next starts with that folder as
    its DOSEWIRE_DATA_DIR. The other settings of store_scp count here too.
    """
    if not (calling_ae_title or any_caller or _is_loopback(bind)):
        raise click.UsageError(
            f"any machine that reaches {bind} could send: name the callers with --calling-ae-title, or use --any-caller"
        )
    # By the environment, because the other processes of the node look there.
    os.environ |= {"DOSEWIRE_DATA_DIR": str(spool.absolute()), "DOSEWIRE_DICOM_BIND": bind}
    os.environ.setdefault("DOSEWIRE_LOG_FORMAT", "console")
    settings = load(StoreNodeSettings)
    configure(service=f"store {ae_title}", log_format=settings.log_format, level=settings.log_level)
    definition = NodeDefinition(
        node_id=0, name=ae_title, ae_title=ae_title, port=port, allowed_calling_ae_titles=calling_ae_title
    )
    _be_quiet_on_standard_output()
    status = serve(settings=settings, definition=definition, stop=stop_on_signals(), tell=lambda _: None)
    raise SystemExit(status)


def _be_quiet_on_standard_output() -> None:
    """Drop the lines that processes of the node write to a supervisor there; the log goes to standard error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
