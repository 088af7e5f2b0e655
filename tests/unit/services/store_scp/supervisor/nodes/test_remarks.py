from pathlib import Path

import pytest

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.watermark import LeastFree, Room, Watermark
from services.store_scp.supervisor.nodes.remarks import Remarks
from shared.health import Health
from shared.metrics import SPOOL_BELOW_WATERMARK, SPOOL_FREE_BYTES

PLAIN = NodeDefinition(node_id=1, name="CT hall", ae_title="DOSEWIRE", port=11112)
GIB = 2**30


class Disk:
    free = 5 * GIB
    now = 0.0

    def remarks(self) -> Remarks:
        watermark = Watermark(
            folder=Path(),
            least=LeastFree(size_bytes=GIB),
            look=lambda _: Room(self.free, 10 * GIB, None),
            clock=lambda: self.now,
        )
        return Remarks(watermark=watermark, tls_files=None)

    def becomes(self, free: int) -> None:
        self.free = free
        self.now += 1


def test_mostly_there_is_nothing_to_say() -> None:
    assert Disk().remarks().on(PLAIN) == ""


def test_a_full_disk_and_missing_certificates_are_said_of_a_node() -> None:
    disk = Disk()
    disk.free = GIB // 2
    assert disk.remarks().on(PLAIN) == "receives nothing: the disk has 512.0 MiB left, and 1.0 GiB must stay free"
    said = disk.remarks().on(PLAIN.model_copy(update={"tls": True}))
    assert said.endswith("; TLS needs a certificate; set DOSEWIRE_TLS_CERTIFICATE and DOSEWIRE_TLS_KEY")


def test_health_metrics_and_log_say_how_the_disk_is(capsys: pytest.CaptureFixture[str]) -> None:
    disk, health = Disk(), Health(parts=("disk",))
    remarks = disk.remarks()
    remarks.report(health)
    assert health.ready
    assert b"5.0 GiB left" in health.as_json()
    disk.becomes(GIB // 2)
    for _ in range(3):
        remarks.report(health)
        disk.now += 1
    assert not health.ready
    assert b"must stay free" in health.as_json()
    assert SPOOL_FREE_BYTES._value.get() == GIB // 2
    assert SPOOL_BELOW_WATERMARK._value.get() == 1
    disk.becomes(3 * GIB)
    remarks.report(health)
    assert health.ready
    assert SPOOL_BELOW_WATERMARK._value.get() == 0
    said = capsys.readouterr().out
    assert said.count("nodes receive nothing until there is room") == 1
    assert said.count("there is room again") == 1
