"""The commands `dosewire status` and `dosewire nodes`, which use the REST interface."""

import json
from typing import Any

import click

from services.config_api.cli import printing
from services.config_api.cli.client import ApiClient, client
from services.config_api.cli.node_tests import watch_test
from shared.errors import DosewireError

KINDS: dict[tuple[str, ...], str] = {("/store-nodes",): "store node", ("/remote-nodes",): "remote node"}
"""The nodes of one list of the REST interface, as people call them."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the state as JSON.")
def status(as_json: bool) -> None:
    """Show services, nodes, queues, objects and spool; exit status 1 if something is down."""
    state = client().get("/status")
    if as_json:
        click.echo(json.dumps(state, indent=2))
    else:
        printing.print_status(state)
    if not state["ok"]:
        raise SystemExit(1)


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the nodes as JSON.")
@click.pass_context
def nodes(context: click.Context, as_json: bool) -> None:
    """List the nodes, each after a C-ECHO, or change them."""
    if context.invoked_subcommand is not None:
        return
    found = client().get("/status")["nodes"]
    if found is None:
        raise DosewireError("the nodes stand in the database, and PostgreSQL is away")
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        printing.print_nodes(found)


@nodes.command()
@click.argument("name")
@click.argument("ae_title", metavar="AETITLE")
@click.argument("port", type=int)
@click.option("--host", help="Where the node of a third party listens; without it Dosewire runs the node itself.")
@click.option("--disabled", is_flag=True, help="Do not start it yet.")
@click.option("--allow-ae-title", "titles", multiple=True, help="A calling AE title that may call; else all may.")
@click.option("--allow-peer", "peers", multiple=True, help="An address or network that may call; else all may.")
@click.option("--tls", is_flag=True, help="Callers have to speak TLS.")
def add(
    *,
    name: str,
    ae_title: str,
    port: int,
    host: str | None,
    disabled: bool,
    titles: tuple[str, ...],
    peers: tuple[str, ...],
    tls: bool,
) -> None:
    """Add a store node: where Dosewire, or a third party, receives objects."""
    body: dict[str, Any] = {"name": name, "ae_title": ae_title, "port": port, "enabled": not disabled, "tls": tls}
    body |= {"allowed_calling_ae_titles": titles, "allowed_peers": peers}
    if host is not None:
        body |= {"managed": False, "host": host}
    node = client().post("/store-nodes", body)
    click.echo(f"store node {node['name']} has the id {node['id']}")


@nodes.command("add-remote")
@click.argument("name")
@click.argument("ae_title", metavar="AETITLE")
@click.argument("host")
@click.argument("port", type=int)
@click.option("--calling", "calling_ae_title", default="DOSEWIRE", show_default=True, help="Our AE title towards it.")
def add_remote(name: str, ae_title: str, host: str, port: int, calling_ae_title: str) -> None:
    """Add a remote node: a PACS or a modality to query."""
    body = {"name": name, "ae_title": ae_title, "port": port, "calling_ae_title": calling_ae_title, "hostname": host}
    node = client().post("/remote-nodes", body)
    click.echo(f"remote node {node['name']} has the id {node['id']}")


@nodes.command()
@click.argument("name")
def echo(name: str) -> None:
    """Have a C-ECHO sent to a node; exit status 1 if it is not alive."""
    api = client()
    path, _ = _find(api, name, ("/store-nodes", "/remote-nodes"))
    result = api.post(f"{path}/echo")
    duration = "" if result["duration_ms"] is None else f" ({result['duration_ms']} ms)"
    click.echo(f"{result['state']}: {result['detail']}{duration}")
    if not result["alive"]:
        raise SystemExit(1)


@nodes.command("test")
@click.argument("name")
@click.option("--store", metavar="NAME", help="The store node that it shall send one object to.")
@click.option("--study", metavar="UID", help="The Study Instance UID of that object; otherwise one of the last days.")
@click.option("--json", "as_json", is_flag=True, help="Print the steps as JSON.")
def test_node(name: str, store: str | None, study: str | None, as_json: bool) -> None:
    """Take the steps of a query/retrieve job with a remote node; exit status 1 unless it passes."""
    api = client()
    path, _ = _find(api, name, ("/remote-nodes",))
    begun = api.post(f"{path}/tests", {"store_node": store, "study_instance_uid": study})
    tested = watch_test(api, begun, prints=not as_json)
    if as_json:
        click.echo(json.dumps(tested, indent=2))
    if not tested["passed"]:
        raise SystemExit(1)


@nodes.command()
@click.option("--json", "as_json", is_flag=True, help="Print the callers as JSON.")
def rejected(as_json: bool) -> None:
    """List the callers that store nodes have rejected, and the setting to change."""
    found = client().get("/rejected-callers")["items"]
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        printing.print_rejected(found)


@nodes.command()
@click.argument("name")
def enable(name: str) -> None:
    """Let a store node run."""
    _switch(name, enabled=True)


@nodes.command()
@click.argument("name")
def disable(name: str) -> None:
    """Let a store node stop."""
    _switch(name, enabled=False)


@nodes.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove a node; a store node has to be disabled first."""
    api = client()
    path, node = _find(api, name, ("/store-nodes", "/remote-nodes"))
    api.delete(path)
    click.echo(f"{node['name']} is removed")


def _switch(name: str, *, enabled: bool) -> None:
    api = client()
    path, node = _find(api, name, ("/store-nodes",))
    api.patch(path, {"enabled": enabled})
    click.echo(f"{node['name']} is {'enabled' if enabled else 'disabled'}")


def _find(api: ApiClient, name: str, lists: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Return the path of the node with this friendly name, AE title or, in one list only, id, and the node."""
    nodes = [(f"{path}/{node['id']}", node) for path in lists for node in api.get(path)["items"]]
    found = [one for one in nodes if one[1]["name"].casefold() == name.casefold()]
    if not found:
        found = [one for one in nodes if one[1]["ae_title"] == name or (len(lists) == 1 and str(one[1]["id"]) == name)]
    kind = KINDS.get(lists, "node")
    if not found:
        known = ", ".join(node["name"] for _, node in nodes) or "none"
        raise DosewireError(f"no {kind} is called {name!r}; there are: {known}")
    if len(found) > 1:
        which = "a store node and a remote node are" if len(lists) > 1 else f"more than one {kind} is"
        raise DosewireError(f"{which} called {name!r}: rename one over REST")
    return found[0]
