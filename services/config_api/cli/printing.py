"""Tables of `dosewire status` and `dosewire nodes` on the terminal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

JsonObject = Mapping[str, Any]

WIDTH = 110
NO_NODE = "No node yet: dosewire nodes add NAME AETITLE PORT"
_KINDS = {"store node": "store", "store node of a third party": "third party", "remote node": "remote"}
_STYLES = {
    "alive": "green", "ready": "green", "imported": "green", "association fail": "bold red", "down": "bold red",
    "failed": "bold red", "starting": "yellow", "stopping": "yellow", "queued": "yellow", "retrying": "yellow",
    "no answer yet": "yellow",
}  # fmt: skip


def print_status(state: JsonObject) -> None:
    """Print the state of the installation (GET /api/v1/status)."""
    console = _console()
    services = ((one["name"], _state("ready" if one["ready"] else "down")) for one in state["services"])
    _print_table(console, ("Service", "State"), services)
    if state["nodes"] is not None:
        _print_nodes(console, state["nodes"], details=False)
    queues = (
        (one["name"], *(_count(one[kind]) for kind in ("work", "retry", "dead"))) for one in state["queues"] or ()
    )
    _print_table(console, ("Queue", ">waiting", ">to be retried", ">dead"), queues)
    objects = ((_state(name), str(count)) for name, count in (state["objects_last_24_hours"] or {}).items())
    _print_table(console, ("Objects, last 24 hours", ">"), objects)
    _print_spool(console, state["spool"])
    for warning in state["warnings"]:
        console.print(Text(f"Note: {warning}", style="yellow"))
    for problem in state["down"]:
        console.print(Text(f"Down: {problem}", style="bold red"))
    if state["ok"]:
        console.print(Text("All is well.", style="green"))


def print_nodes(nodes: Sequence[JsonObject]) -> None:
    """Print the nodes, with the outcome of the C-ECHO for those that are not alive."""
    _print_nodes(_console(), nodes, details=True)


def print_rejected(callers: Sequence[JsonObject]) -> None:
    """Print the rejected callers, the latest first, each with the setting to change."""
    console = _console()
    if not callers:
        console.print("No caller was rejected.")
    for caller in callers:
        who = f"{caller['calling_ae_title'] or 'unknown'} from {caller['peer_address'] or 'several addresses'}"
        console.print(Text(f"{caller['last_at']}  {caller['store_node']}: {who}, {caller['rejections']} times"))
        console.print(f"    {caller['words']}")
        console.print(f"    {caller['advice']}")


def _print_nodes(console: Console, nodes: Sequence[JsonObject], *, details: bool) -> None:
    if not nodes:
        console.print(NO_NODE + "\n")
        return
    rows = (
        (
            node["name"],
            _KINDS.get(node["kind"], str(node["kind"])),
            node["ae_title"],
            f"{node['host']}:{node['port']}",
            _state(node["echo"]["state"] if node["echo"] else "disabled"),
            _state(node["observed"]["state"] if node["observed"] else ""),
        )
        for node in nodes
    )
    _print_table(console, ("Node", "Kind", "AE title", "Address", "C-ECHO", "Service"), rows)
    for node in nodes if details else ():
        if node["restricts_callers"]:
            console.print(f"{node['name']}: takes {node['callers']}")
        if node["echo"] and not node["echo"]["alive"]:
            console.print(f"{node['name']}: {node['echo']['detail']}")


def _print_spool(console: Console, spool: JsonObject | None) -> None:
    if spool is not None:
        free = spool["free_bytes"] / 2**30
        console.print(f"Spool: {spool['incoming']} waiting, {spool['quarantine']} in quarantine, {free:.1f} GiB free")
        if spool["commitment_requests"]:
            console.print(f"Storage commitment: {spool['commitment_requests']} requests wait for their report")


def _print_table(console: Console, headings: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(
            heading.removeprefix(">"), justify="right" if heading.startswith(">") else "left", no_wrap=True
        )
    for row in rows:
        table.add_row(*row)
    if table.row_count:
        console.print(table)
        console.print()


def _console() -> Console:
    # Names come from people and devices: brackets and colons in them are no markup.
    # A table that is wider than the terminal wraps there; cut addresses would be of no use.
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=True, width=max(WIDTH, Console().width))


def _state(state: str) -> Text:
    return Text(state, style=_STYLES.get(state, ""))


def _count(number: int | None) -> str:
    return "-" if number is None else str(number)
