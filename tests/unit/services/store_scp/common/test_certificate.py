from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.store_scp.common.certificate import valid_until, why_renew
from tools.peers.certificates import self_signed


@pytest.mark.parametrize("days", [1, 90, 20_000])  # the last one beyond 2049, and so in the longer form
def test_the_end_of_validity_is_what_openssl_wrote(tmp_path: Path, days: int) -> None:
    pem = self_signed(tmp_path, "node", days=days).certificate.read_text()
    expected = datetime.now(UTC) + timedelta(days=days)
    assert abs(valid_until(pem) - expected) < timedelta(minutes=5)


def test_the_first_certificate_of_a_chain_counts(tmp_path: Path) -> None:
    leaf = self_signed(tmp_path, "leaf", days=10).certificate.read_text()
    issuer = self_signed(tmp_path, "issuer", days=900).certificate.read_text()
    assert valid_until("some words before\n" + leaf + issuer) == valid_until(leaf)


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "-----END CERTIFICATE----- -----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nMAYwBAIBAQIB\n-----END CERTIFICATE-----",
    ],
)
def test_what_is_no_certificate_is_said(pem: str) -> None:
    with pytest.raises(ValueError, match="certificate"):
        valid_until(pem)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (31, None),
        (29, "the TLS certificate ends on 2026-12-30: renew it"),
        (-1, "the TLS certificate ended on 2026-11-30; devices that check it do not connect: renew it"),
    ],
)
def test_an_operator_is_told_a_month_before(days: int, words: str | None) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert why_renew(now + timedelta(days=days), now=now) == words
