"""Allowed callers of a node: set over the REST interface, enforced by the node, and shown with those it rejected."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.config_api.rest import RunningApi
from tests.helpers.dcmtk import dcmtk
from tests.helpers.services import Services
from tests.helpers.store_scp.raw_scu import association
from tools.measure.store_node import wait_until
from tools.peers.certificates import Authority
from tools.stack.ports import LOOPBACK, free_port

pytestmark = pytest.mark.integration


@pytest.fixture
def api(database_url: str, amqp_url: str, data_dir: Path) -> Iterator[RunningApi]:
    running = RunningApi(database_url=database_url, amqp_url=amqp_url, data_dir=data_dir)
    yield running
    running.close()


def add_node(api: RunningApi, **values: object) -> dict[str, Any]:
    return api.post("/store-nodes", {"name": "CT hall", "ae_title": "DOSEWIRE", "port": free_port()} | values)


def observed(api: RunningApi, node: dict[str, Any]) -> tuple[str, str]:
    seen = api.get(f"/store-nodes/{node['id']}")["observed"]
    return seen["state"], seen["detail"]


def wait_until_alive(api: RunningApi, *nodes: dict[str, Any]) -> None:
    wait_until(lambda: all(observed(api, node)[0] == "alive" for node in nodes), what="alive", timeout_s=40.0)


def echo(node: dict[str, Any], *, calling: str = "CT1", called: str = "DOSEWIRE", options: tuple[Any, ...] = ()) -> str:
    """Send a C-ECHO; returns what echoscu says, nothing when the node answered."""
    titles = ("-aet", calling, "-aec", called)
    done = dcmtk("echoscu", "-to", 10, *titles, *options, LOOPBACK, node["port"], check=False)
    return done.stdout + done.stderr


def callers(api: RunningApi, node: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return whom a node has turned away, by cause."""
    found = api.get(f"/rejected-callers?store_node_id={node['id']}")["items"]
    return {item["cause"]: item for item in found}


def test_each_kind_of_stranger_is_told_why_and_shown_with_what_to_change(api: RunningApi, services: Services) -> None:
    by_title = add_node(api, allowed_calling_ae_titles=["CT1", "CT_2"], maximum_associations_per_ae_title=1)
    by_address = add_node(api, name="Cath lab", allowed_peers=["192.0.2.0/24", "2001:db8::/32"])
    small = {"maximum_associations": 2, "maximum_associations_per_address": 1, "allowed_peers": ["127.0.0.0/8"]}
    full = add_node(api, name="Small", check_called_ae_title=False, **small)
    services.start("store_scp", dicom_bind=LOOPBACK, node_processes=1)
    wait_until_alive(api, by_title, by_address, full)
    assert echo(by_title) == ""
    assert echo(by_title, calling="CT_2") == ""
    assert "Calling AE Title Not Recognized" in echo(by_title, calling="CT9")
    assert "Called AE Title Not Recognized" in echo(by_title, called="dosewire")
    assert "Calling AE Title Not Recognized" in echo(by_address)
    assert echo(full, called="WHATEVER") == ""
    with ExitStack() as opened:
        opened.enter_context(association(full["port"]))
        for _ in range(3):
            assert "Local Limit Exceeded" in echo(full)
    wait_until(lambda: callers(api, full).keys() == {"address_limit"}, what="the caller of the full node")
    wait_until(lambda: callers(api, full)["address_limit"]["rejections"] == 3, what="its last call")
    wait_until(lambda: len(callers(api, by_title)) == 2, what="the callers")
    turned_away = callers(api, by_title)["calling_ae_title"]
    assert (turned_away["calling_ae_title"], turned_away["peer_address"]) == ("CT9", LOOPBACK)
    assert turned_away["advice"] == "add 'CT9' to the allowed calling AE titles of node 'CT hall'"
    assert callers(api, by_title)["called_ae_title"]["called_ae_title"] == "dosewire"
    assert "add 127.0.0.1 or its network to the allowed peers" in callers(api, by_address)["address"]["advice"]
    wait_until_alive(api, by_title, by_address, full)  # the C-ECHO of store_scp is nobody's caller
    api.patch(f"/store-nodes/{by_title['id']}", {"allowed_calling_ae_titles": ["CT1", "CT9"]})
    wait_until(lambda: echo(by_title, calling="CT9") == "", what="the caller that was added")


def test_a_node_with_tls_takes_whom_its_authority_knows_and_new_files_without_a_restart(
    api: RunningApi, services: Services, tmp_path: Path
) -> None:
    hospital, other = Authority(tmp_path / "hospital"), Authority(tmp_path / "other", name="other")
    ours, device, stranger = hospital.sign("ours", usage="serverAuth"), hospital.sign("device"), other.sign("device")
    certificate, key = tmp_path / "node.pem", tmp_path / "node.key.pem"
    shutil.copy(ours.certificate, certificate)
    shutil.copy(ours.key, key)
    node = add_node(api, tls=True)
    strict = add_node(api, name="Strict", tls=True, require_client_certificate=True)
    service = services.start(
        "store_scp",
        dicom_bind=LOOPBACK,
        node_processes=1,
        tls_certificate=certificate,
        tls_key=key,
        tls_client_ca=hospital.certificate,
    )
    wait_until_alive(api, node, strict)
    trusted = ("+cf", hospital.certificate)
    anonymous, known = ("+tla", *trusted), ("+tls", device.key, device.certificate, *trusted)
    for _ in range(3):
        socket.create_connection((LOOPBACK, node["port"])).close()  # a port check, which is nobody's fault
    with socket.create_connection((LOOPBACK, node["port"])):  # silent, and in nobody's way
        assert echo(node, options=anonymous) == ""
    assert echo(strict, options=known) == ""
    assert echo(node) != "", "without TLS"
    assert echo(strict, options=anonymous) != "", "without a certificate"
    assert echo(strict, options=("+tls", stranger.key, stranger.certificate, *trusted)) != "", "another authority's"
    wait_until(lambda: "tls" in callers(api, node), what="the caller without TLS")
    assert callers(api, node)["tls"]["words"] == (
        "the TLS handshake failed: it does not speak TLS; switch TLS on at the device"
    )
    assert callers(api, node)["tls"]["rejections"] == 1
    renewed = hospital.sign("renewed", days=10)
    shutil.copy(renewed.certificate, certificate)
    wait_until(lambda: "do not belong together" in observed(api, node)[1], what="half a replacement is said")
    assert echo(node, options=anonymous) == "", "with the certificate from before"
    shutil.copy(renewed.key, key)
    wait_until(lambda: "the TLS certificate ends on" in observed(api, node)[1], what="the new certificate")
    assert echo(node, options=anonymous) == ""
    assert observed(api, strict)[0] == "alive"
    assert b"PRIVATE" not in service.log_file.read_bytes()


def test_without_certificates_a_node_with_tls_says_what_to_set(api: RunningApi, services: Services) -> None:
    node = add_node(api, tls=True)
    services.start("store_scp", wait=False, dicom_bind=LOOPBACK, node_processes=1)
    wait_until(lambda: observed(api, node)[0] == "failed", what="the state failed")
    assert observed(api, node)[1] == "TLS needs a certificate; set DOSEWIRE_TLS_CERTIFICATE and DOSEWIRE_TLS_KEY"


def test_below_the_watermark_nothing_is_received_and_everybody_is_told(api: RunningApi, services: Services) -> None:
    node = add_node(api)
    service = services.start("store_scp", wait=False, dicom_bind=LOOPBACK, node_processes=1, spool_watermark="1000TB")
    wait_until_alive(api, node)
    wait_until(lambda: "must stay free" in observed(api, node)[1], what="the state says so")
    assert "Temporary Congestion" in echo(node)
    wait_until(lambda: "out_of_space" in callers(api, node), what="the caller")
    assert "make room on the disk" in callers(api, node)["out_of_space"]["advice"]
    assert "must stay free" in service.get("/readyz")[1]
    metrics = service.get("/metrics")[1]
    assert "dosewire_spool_below_watermark 1.0" in metrics
    assert 'dosewire_associations_rejected_total{cause="out_of_space",node="CT hall"} 1.0' in metrics
