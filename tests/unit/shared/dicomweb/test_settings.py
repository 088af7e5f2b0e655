import base64

import pytest
from pydantic import ValidationError

from shared.dicomweb.settings import DicomwebCredentials, DicomwebSettings, origin
from shared.jobs.node_settings import NodeSettings

SECRET = "tell-nobody-3f9c"


def test_both_services_below_one_address() -> None:
    settings = DicomwebSettings(url=" https://pacs.example.org:8443/dicom-web/ ")

    assert settings.qido_url == settings.wado_url == "https://pacs.example.org:8443/dicom-web"
    assert (settings.host, settings.wants_tls) == ("pacs.example.org", True)


def test_each_service_with_a_prefix_of_its_own() -> None:
    settings = DicomwebSettings(url="http://[2001:db8::1]", qido_prefix="qido-rs", wado_prefix="rs/wado")

    assert (settings.qido_url, settings.wado_url) == ("http://[2001:db8::1]/qido-rs", "http://[2001:db8::1]/rs/wado")
    assert (settings.host, settings.wants_tls) == ("2001:db8::1", False)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pacs",
        "ftp://pacs/",
        "https://",
        "https://pacs:99999/",
        "https://pacs/?a=b",
        "https://pacs/#x",
        "https://päcs/",
        "https://pa cs/",
        "https://[::1/",
        f"https://me:{SECRET}@pacs/",
        "https://pacs/" + "x" * 1000,
    ],
)
def test_what_is_no_base_url(url: str) -> None:
    with pytest.raises(ValidationError):
        DicomwebSettings(url=url)


@pytest.mark.parametrize("prefix", ["/a", "a/", "a//b", "a?b", "a b"])
def test_what_is_no_prefix(prefix: str) -> None:
    with pytest.raises(ValidationError):
        DicomwebSettings(url="https://pacs", qido_prefix=prefix)


def test_origins() -> None:
    assert origin("https://pacs/x") == origin("HTTPS://PACS:443") == "https://pacs:443"
    assert origin("http://pacs/x") == "http://pacs:80"
    assert origin("ftp://pacs") is origin("pacs") is origin("http://pacs:x") is None


def test_credentials_are_sent_and_stored_but_never_shown() -> None:
    basic = DicomwebCredentials.model_validate({"user": "dösewire", "password": SECRET})
    bearer = DicomwebCredentials.model_validate({"token": SECRET})

    assert base64.b64decode(basic.authorization.removeprefix("Basic ")).decode() == f"dösewire:{SECRET}"
    assert bearer.authorization == f"Bearer {SECRET}"
    for credentials in (basic, bearer):
        assert DicomwebCredentials.model_validate(credentials.stored()) == credentials
        for shown in (credentials, repr(credentials), credentials.model_dump(), credentials.model_dump_json()):
            assert SECRET not in str(shown)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"user": "me"},
        {"password": SECRET},
        {"user": "me", "password": SECRET, "token": SECRET},
        {"user": "me", "token": SECRET},
        {"user": "m:e", "password": SECRET},
        {"user": "me", "password": f"{SECRET}\r\nX: y"},
        {"token": f"{SECRET}\r\nX: y"},
        {"token": f"Bearer {SECRET}"},
        {"token": SECRET, "more": 1},
    ],
)
def test_wrong_credentials_are_not_repeated(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as raised:
        DicomwebCredentials.model_validate(wrong)
    assert SECRET not in str(raised.value)


def test_whom_the_certificate_of_the_services_has_to_name() -> None:
    web = {"dicomweb": {"url": "https://pacs.example.org/rs"}}
    identity = NodeSettings.model_validate(web).web_server_identity
    assert identity is not None
    assert (identity.name, identity.is_checked) == ("pacs.example.org", True)
    identity = NodeSettings.model_validate(web | {"tls_name": "inner", "tls_check_name": False}).web_server_identity
    assert identity is not None
    assert (identity.name, identity.is_checked) == ("inner", False)
    assert NodeSettings.model_validate({"tls": True}).web_server_identity is None
    assert NodeSettings.model_validate({"dicomweb": {"url": "http://pacs"}}).web_server_identity is None
