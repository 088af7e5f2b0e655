from services.config_api.pages.study import document

CT = {
    "study": {"study_instance_uid": "1.2.3", "modality": "CT", "patient_age": "050Y"},
    "sr": {"start_of_irradiation": "2026-11-21T08:00:00"},
    "ct": {
        "total_dlp_mgy_cm": 60.17,
        "events": [
            {"acquisition_protocol": "Topogram", "kvp": 120.0, "dlp_mgy_cm": 5.05, "phantom_type": "Body",
             "dose_check": {"alert": {"dlp_configured": False}}, "sources": [{"id": "A", "kvp": 120.0}]},
            {"acquisition_protocol": "Thorax", "kvp": 120.0, "ctdivol_mgy": 2.03, "dlp_mgy_cm": 55.12, "pitch": 1.2},
        ],
        "count_by_type": {"spiral": 1},
        "derived": ["count_by_type"],
    },
    "object": {"sop_class": "X-Ray Radiation Dose SR Storage"},
    "outcome": {"accepted": True, "warnings": []},
}  # fmt: skip
XRAY = {
    "study": {"modality": "RF"},
    "xray": {
        "total_dap_gy_m2": 0.0003,
        "total_rp_dose_gy": 0.0127,
        "accumulated": {"a": {"fluoro_time_s": 70.0, "total_dap_gy_m2": 0.0002}, "b": {"total_dap_gy_m2": 0.0001}},
        "events": [{"event_type": "Fluoroscopy", "dap_gy_m2": 5e-08}],
    },
    "outcome": {"accepted": True, "warnings": []},
}


def test_a_ct_study_is_known_by_its_dlp() -> None:
    assert [(fact.label, fact.text) for fact in document.totals(CT)] == [
        ("DLP", "60.17 mGy·cm"),
        ("Irradiation events", "2"),
    ]


def test_a_fluoroscopy_study_is_known_by_dose_and_time() -> None:
    assert [(fact.label, fact.text) for fact in document.totals(XRAY)] == [
        ("DAP", "3 Gy·cm²"),
        ("Dose at reference point", "12.7 mGy"),
        ("Fluoroscopy time, plane A", "70 s"),
        ("Irradiation events", "1"),
    ]


def test_the_dose_comes_first() -> None:
    assert [section.title for section in document.sections(CT)] == [
        "CT",
        "CT: irradiation events",
        "Study and equipment",
        "Dose report",
        "Object",
    ]


def test_events_show_what_people_look_at_first() -> None:
    (events,) = [section for section in document.sections(CT) if "events" in section.title]
    assert events.table is not None
    assert events.full_table is not None
    assert [(column.label, column.unit) for column in events.table.columns] == [
        ("No.", ""),
        ("Acquisition protocol", ""),
        ("kVp", "kV"),
        ("Pitch", ""),
        ("CTDIvol", "mGy"),
        ("DLP", "mGy·cm"),
    ]
    assert events.table.rows[0] == ["1", "Topogram", "120", "\N{EN DASH}", "\N{EN DASH}", "5.05"]
    assert events.table.rows[1] == ["2", "Thorax", "120", "1.2", "2.03", "55.12"]


def test_all_values_of_events_are_there_on_request() -> None:
    (events,) = [section for section in document.sections(CT) if "events" in section.title]
    assert events.full_table is not None
    labels = [column.label for column in events.full_table.columns]
    assert {"Phantom type", "Dose check alert DLP configured", "Sources"} <= set(labels)
    assert all(len(row) == len(labels) for row in events.full_table.rows)
    assert "ID A, kVp 120 kV" in events.full_table.rows[0]


def test_accumulated_dose_has_a_column_for_each_plane() -> None:
    (accumulated,) = [section for section in document.sections(XRAY) if "accumulated" in section.title]
    assert accumulated.table is not None
    assert [column.label for column in accumulated.table.columns] == ["", "Plane A", "Plane B"]
    assert accumulated.table.rows == [["Fluoro time", "70 s", "\N{EN DASH}"], ["Total DAP", "2 Gy·cm²", "1 Gy·cm²"]]


def test_what_dosewire_calculated_is_marked() -> None:
    (facts,) = [section.facts for section in document.sections(CT) if section.title == "CT"]
    assert {fact.label: fact.calculated for fact in facts} == {"Total DLP": False, "Count by type spiral": True}


def test_a_document_with_almost_nothing() -> None:
    assert document.totals({}) == []
    assert list(document.sections({})) == []
