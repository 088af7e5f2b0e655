"""A node with TLS as DCMTK's clients and openssl see it. What operators are told is in the tests of callers."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.dcmtk import dcmtk
from tests.helpers.objects.image_files import write_image
from tools.measure.store_node import RunningNode, data_set_bytes, wait_until
from tools.peers.certificates import Authority, Pair
from tools.stack.ports import free_port

pytestmark = pytest.mark.interop


class SecureNode:
    """A node that asks for a client certificate, with the files it names and those of devices."""

    def __init__(self, *, folder: Path) -> None:
        self.authority = Authority(folder / "hospital")
        self.device = self.authority.sign("device", usage="clientAuth")
        self.stranger = Authority(folder / "other", name="other").sign("device")
        self.files = Pair(folder / "node.pem", folder / "node.key.pem")
        self.put(self.authority.sign("node"))
        self.running = RunningNode(port=free_port(), data_dir=folder, tls=True, require_client_certificate=True)

    def put(self, pair: Pair) -> None:
        """Replace the files that the node's settings name."""
        shutil.copy(pair.certificate, self.files.certificate)
        shutil.copy(pair.key, self.files.key)

    def settings(self) -> dict[str, Path]:
        return {
            "DOSEWIRE_TLS_CERTIFICATE": self.files.certificate,
            "DOSEWIRE_TLS_KEY": self.files.key,
            "DOSEWIRE_TLS_CLIENT_CA": self.authority.certificate,
        }

    def send(self, image: Path, *options: str | Path, device: Pair | None = None) -> str:
        """Send with storescu; returns what it complains of, nothing when the object was taken."""
        tls = ("+tls", device.key, device.certificate) if device else ("+tla",)
        trust = ("+cf", self.authority.certificate)
        where = ("-aec", self.running.ae_title, self.running.host, self.running.port)
        done = dcmtk("storescu", *tls, *trust, *options, *where, image, check=False)
        return done.stdout + done.stderr

    def shake_hands(self, *options: str | Path) -> str:
        """Call with openssl's client; returns what it says."""
        address = f"{self.running.host}:{self.running.port}"
        own = ("-cert", self.device.certificate, "-key", self.device.key)
        command = ["openssl", "s_client", "-connect", address, "-CAfile", self.authority.certificate, *own, *options]
        done = subprocess.run(command, input="", capture_output=True, text=True, timeout=30, check=False)
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureNode]:
    folder = tmp_path_factory.mktemp("secure")
    secure = SecureNode(folder=folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DOSEWIRE_DATA_DIR", str(folder))
        environment.setenv("DOSEWIRE_DICOM_BIND", RunningNode.host)
        for name, path in secure.settings().items():
            environment.setenv(name, str(path))
        with secure.running:
            yield secure


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return write_image(tmp_path / "image.dcm", side=700)


@pytest.mark.parametrize("profile", ["--profile-bcp195-nd", "--profile-bcp195", "--profile-bcp195-ex"])
def test_a_known_device_sends_byte_by_byte(secure: SecureNode, image: Path, profile: str) -> None:
    before = set(secure.running.stored())
    assert secure.send(image, profile, device=secure.device) == ""
    (received,) = set(secure.running.stored()) - before
    assert data_set_bytes(received) == data_set_bytes(image)


def test_many_objects_go_through_one_association(secure: SecureNode, image: Path) -> None:
    before = len(secure.running.stored())
    assert secure.send(image, "--repeat", "20", "--max-send-pdu", "4096", device=secure.device) == ""
    assert len(secure.running.stored()) == before + 20


def test_who_has_no_certificate_or_one_of_another_authority_sends_nothing(secure: SecureNode, image: Path) -> None:
    before = secure.running.stored()
    assert secure.send(image) != ""
    assert secure.send(image, device=secure.stranger) != ""
    assert secure.running.stored() == before


@pytest.mark.parametrize(("version", "agreed"), [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
def test_openssl_agrees_on_versions_of_today(secure: SecureNode, version: str, agreed: str) -> None:
    said = secure.shake_hands(version, "-alpn", "dicom")
    assert re.search(rf"New, {agreed}, Cipher is \S+(GCM|POLY1305)", said)
    assert "Verify return code: 0 (ok)" in said
    assert "ALPN protocol: dicom" in said


@pytest.mark.parametrize("options", [("-tls1_1",), ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA")])
def test_openssl_does_not_agree_on_others(secure: SecureNode, options: tuple[str, ...]) -> None:
    weak = ("-cipher", "ALL:@SECLEVEL=0") if "-cipher" not in options else ()
    assert "Cipher is (NONE)" in secure.shake_hands(*options, *weak)


def test_a_certificate_that_is_replaced_is_shown_to_the_next_caller(secure: SecureNode, image: Path) -> None:
    pids = secure.running.pids()
    assert "CN = node\n" in secure.shake_hands()
    secure.put(secure.authority.sign("renewed"))
    wait_until(lambda: all("CN = renewed\n" in secure.shake_hands() for _ in range(8)), what="the new certificate")
    assert secure.send(image, device=secure.device) == ""
    assert secure.running.pids() == pids
