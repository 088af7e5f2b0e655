"""A store node as a process of its own: `python -m services.store_scp.node DEFINITION`.

It uses neither database nor broker. Its settings come from the environment, its definition as JSON from the command
line; it ends when its standard input ends (its supervisor is gone), or on SIGTERM. On standard output it tells its
supervisor what `node_output` lists; these messages only save time: the files in the spool are found without them.
Further arguments give its number in a group of processes (`group`).
"""

import os
import threading

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.node_output import NodeOutput, encode
from services.store_scp.common.settings import StoreNodeSettings
from services.store_scp.node.group import GroupMember
from services.store_scp.node.serving import serve, serve_as
from shared.logging import configure, get_logger
from shared.service import stop_on_signals
from shared.settings import load

_STDIN, _STDOUT = 0, 1

log = get_logger("services.store_scp.node")


def main(arguments: list[str]) -> int:
    """Run the node that the first argument defines until it is told to stop; returns the exit status."""
    settings = load(StoreNodeSettings)
    definition = NodeDefinition.model_validate_json(arguments[0])
    configure(service=f"store_scp/{definition.name}", log_format=settings.log_format, level=settings.log_level)
    stop = stop_on_signals()
    os.set_blocking(_STDOUT, False)
    threading.Thread(target=_stop_at_end_of_input, args=(stop,), name="lifeline", daemon=True).start()
    if len(arguments) > 1:
        member = GroupMember.inherited(arguments[1:])
        serve_as(member, settings=settings, definition=definition, stop=stop, tell=_tell)
        return 0
    return serve(settings=settings, definition=definition, stop=stop, tell=_tell)


def _tell(output: NodeOutput) -> None:
    """Tell the supervisor, if it listens: a full pipe or a supervisor that is gone must not hold up reception."""
    try:
        os.write(_STDOUT, encode(output))
    except OSError as error:
        log.debug("supervisor not told", error=str(error))


def _stop_at_end_of_input(stop: threading.Event) -> None:
    while os.read(_STDIN, 1024):
        pass
    stop.set()
