"""Content items of projection X-ray dose reports (TID 10001)."""

from typing import Any

from pydicom.dataset import Dataset

from tests.helpers.objects.content_items import coded, container, moment, num, uid

PROCEDURE = coded("121058", "Procedure reported", "113704", "Projection X-Ray")
SINGLE = coded("113764", "Acquisition Plane", "113622", "Single Plane")


def accumulated(*items: Dataset, plane: Dataset | None = SINGLE) -> Dataset:
    """Return a container of totals (TID 10002) of a plane."""
    return container("113702", "Accumulated X-Ray Dose Data", *([plane] if plane else []), *items)


def irradiation(*items: Dataset) -> Dataset:
    """Return a container of one irradiation event (TID 10003)."""
    return container(
        "113706",
        "Irradiation Event X-Ray Data",
        SINGLE,
        moment("111526", "DateTime Started", "20260314091530.25"),
        uid("113769", "Irradiation Event UID", "1.2.3"),
        *items,
    )


def totals(dap: str, unit: str = "Gy.m2") -> tuple[Dataset, ...]:
    """Return dose area product and dose at the reference point."""
    return (num("113722", "Dose Area Product Total", dap, unit), num("113725", "Dose (RP) Total", "0.5", "Gy"))


def xray_of(document: dict[str, Any]) -> dict[str, Any]:
    """Return the `xray` part of an accepted projection report."""
    assert document["outcome"]["accepted"]
    assert document["outcome"]["object_kind"] == "projection_dose_sr"
    xray: dict[str, Any] = document["xray"]
    return xray
