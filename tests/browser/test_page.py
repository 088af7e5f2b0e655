"""The overview page in a browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from shared.database.engine import make_engine
from shared.database.models import Base, ObjectState, RemoteNode, StoreNode
from tests.helpers.config_api.rest import received_object, rejected_caller
from tests.helpers.dcmtk import dcmtk
from tests.helpers.importer.in_process import Workbench
from tests.helpers.services import Services
from tools.dose_objects import Study, ct_report, fluoroscopy_report, write
from tools.stack.ports import LOOPBACK, free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def add(database_url: str, *rows: Base) -> None:
    engine = make_engine(database_url=database_url, name="test")
    with Session(engine) as session, session.begin():
        session.add_all(rows)
    engine.dispose()


def start(services: Services) -> str:
    port = free_port()
    services.start("config_api", http_port=port)
    return f"http://{LOOPBACK}:{port}"


def store_reports(database_url: str, data_dir: Path) -> None:
    workbench = Workbench(database_url=database_url, data_dir=data_dir)
    workbench.send(ct_report(), fluoroscopy_report(biplane=True))
    workbench.close()


def test_a_report_that_is_sent_appears_by_itself(
    page: Page, services: Services, database_url: str, tmp_path: Path
) -> None:
    dicom_port = free_port()
    add(database_url, StoreNode(name="CT hall", ae_title="DOSEWIRE", port=dicom_port))
    services.start("store_scp", dicom_bind=LOOPBACK)
    services.start("importer")
    page.goto(start(services))
    expect(page.locator("#nodes")).to_contain_text("alive", timeout=60_000)
    expect(page.locator("#nodes")).to_contain_text("answers the C-ECHO of store_scp", timeout=60_000)
    expect(page.locator("#studies")).to_contain_text("No study yet")
    report = write(ct_report(study=Study(description="CT Thorax")), tmp_path / "report.dcm")
    dcmtk("storescu", "-aet", "CT1", "-aec", "DOSEWIRE", LOOPBACK, dicom_port, report)
    expect(page.locator("#studies")).to_contain_text("CT Thorax", timeout=60_000)
    expect(page.locator("#objects")).to_contain_text("imported", timeout=60_000)
    expect(page.locator("#objects")).to_contain_text("CT1")
    expect(page.locator("#queues")).to_contain_text("import")
    page.get_by_role("link", name="Details").click()
    expect(page.locator("h1")).to_have_text("CT Thorax")
    expect(page.locator(".totals")).to_contain_text("mGy·cm")
    page.get_by_text("All values").click()
    expect(page.get_by_text("Irradiation event UID").last).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    expect(page.locator("#studies")).to_contain_text("CT Thorax")


def test_what_devices_say_is_never_run(page: Page, services: Services, database_url: str, data_dir: Path) -> None:
    report = fluoroscopy_report(study=Study(description=HOSTILE))
    report.Manufacturer = report.ManufacturerModelName = HOSTILE
    workbench = Workbench(database_url=database_url, data_dir=data_dir)
    workbench.send(report)
    workbench.close()
    add(
        database_url,
        received_object(state=ObjectState.FAILED, reason=HOSTILE, station_name=HOSTILE[:64]),
        StoreNode(id=1, name="<img src=x onerror=alert(3)>", ae_title="CT", port=free_port(), enabled=False),
        RemoteNode(name="<svg/onload=alert(4)>", ae_title="PACS", hostname="no-such-host.invalid", port=104),
    )
    add(database_url, rejected_caller(calling_ae_title=HOSTILE[:16], words=HOSTILE, advice=HOSTILE))
    services.start("qr")
    page.goto(start(services))
    expect(page.locator("#rejected")).to_contain_text(HOSTILE)
    expect(page.locator("#nodes")).to_contain_text("association fail", timeout=60_000)
    expect(page.locator("#nodes")).to_contain_text("<svg/onload=alert(4)>")
    expect(page.locator("#objects")).to_contain_text(HOSTILE)
    page.get_by_role("link", name="Details").click()
    expect(page.locator("h1")).to_have_text(HOSTILE)
    assert page.locator("img[src=x], main script, main svg").count() == 0


def test_it_says_when_the_server_is_away_and_when_it_is_back(browser: Browser, services: Services) -> None:
    port = free_port()
    server = services.start("config_api", http_port=port)
    context = browser.new_context()
    page = context.new_page()  # one that may complain: its requests fail
    page.goto(f"http://{LOOPBACK}:{port}")
    banner = page.locator("#connection")
    expect(banner).to_be_hidden()
    server.stop()
    expect(banner).to_be_visible(timeout=60_000)
    services.start("config_api", http_port=port)
    expect(banner).to_be_hidden(timeout=60_000)
    context.close()


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_no_page_is_wider_than_the_screen(
    page: Page, services: Services, database_url: str, data_dir: Path, width: int
) -> None:
    store_reports(database_url, data_dir)
    uid = "1.2.826.0.1.3680043.8.498." + "1" * 38
    add(database_url, received_object(state=ObjectState.REFUSED, reason="no dose " * 20, study_instance_uid=uid))
    add(database_url, StoreNode(id=1, name="CT hall", ae_title="DOSEWIRE", port=free_port(), enabled=False))
    add(database_url, rejected_caller(peer_address="2001:db8:1234:5678:9abc:def0:1234:5678", rejections=123_456))
    address = start(services)
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("/", "/studies/1", "/studies/2"):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_colours_of_the_system(browser: Browser, services: Services, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto(start(services))
    colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    context.close()
    brightness = sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    assert (brightness > 3 * 128) == (scheme == "light"), colour


def test_it_works_without_scripts(browser: Browser, services: Services, database_url: str, data_dir: Path) -> None:
    store_reports(database_url, data_dir)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(start(services))
    expect(page.locator("#studies tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Details").first.click()
    expect(page.locator(".totals")).to_contain_text("Irradiation events")
    context.close()
