"""The limits of the floor plan (docs/architecture.md): folders, names, imports, docstrings, and where tests stand."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tools.floor_plan import FloorPlan, read_floor_plan

ROOT = Path(__file__).parents[2]
MOST_MODULES = 12
"""In one folder, without its `__init__.py`."""
SHORT_ON_PURPOSE: Mapping[str, str] = {
    "services.config_api.pages.study.views": "every page has its route in a module that the application registers",
    "services.importer.settings": "every service has its settings in a module of that name",
}
"""Modules of less than 30 lines with one importer, each with its reason."""
QUESTION = re.compile(r"(?i)(how|what|when|where|whether|which|who|whom|whose|why)\b")
KINDS = ("unit", "integration", "interop")
SOURCES = ("services", "shared", "tools", "bench")
OF_A_WHOLE_FOLDER: Mapping[str, frozenset[str]] = {
    "unit/services/config_api": frozenset({"vendor"}),
    "unit/services/importer/extract": frozenset({"broken_trees", "extract", "mutations"}),
    "unit/services/importer/extract/reports": frozenset({"enhanced_projection", "mammography"}),
    "unit/services/importer/extract/tables": frozenset({"every_row", "tables"}),
    "unit/shared/association": frozenset({"pynetdicom"}),
    "unit/tools/dose_objects": frozenset({"reports"}),
    "integration/services/config_api/api/policies": frozenset({"policies"}),
    "integration/services/importer": frozenset({"every_row", "import", "large_report", "orders", "service"}),
    "integration/services/qr": frozenset({"service"}),
    "integration/services/store_scp": frozenset({"hostile_names", "reception", "storage_commitment"}),
    "integration/services/store_scp/supervisor/nodes": frozenset({"callers", "node_life", "nodes"}),
    "interop/services/qr": frozenset({"difficult_peers", "everything", "hanging_peers", "pacs", "reactor", "tls"}),
    "interop/services/qr/checks": frozenset({"tls"}),
    "interop/services/qr/dicomweb": frozenset({"orthanc", "simulated", "tls"}),
    "interop/services/store_scp": frozenset({"storage_commitment"}),
    "interop/services/store_scp/node": frozenset({"dcmtk", "odd_peers", "senders", "tls"}),
    "interop/shared/association": frozenset({"tls"}),
    "interop/tools/dose_objects": frozenset({"reports"}),
}
"""Tests of a folder as a whole, by the folder of the tests; every other test has a source module of its name."""


@pytest.fixture(scope="module")
def plan() -> FloorPlan:
    return read_floor_plan(ROOT)


def test_no_folder_has_too_many_modules(plan: FloorPlan) -> None:
    assert {folder: count for folder, count in plan.siblings.items() if count > MOST_MODULES} == {}


def test_no_two_classes_have_one_name(plan: FloorPlan) -> None:
    assert plan.doubled_classes == {}


def test_no_folders_import_each_other(plan: FloorPlan) -> None:
    assert plan.circles == []


def test_short_modules_with_one_importer_are_part_of_it(plan: FloorPlan) -> None:
    assert set(plan.passing_on) == SHORT_ON_PURPOSE.keys()


def test_a_docstring_begins_with_the_thing_itself(plan: FloorPlan) -> None:
    questions = {one.name: one.first_line for one in plan.modules.values() if QUESTION.match(one.first_line)}
    assert questions == {}


def test_every_module_has_a_docstring(plan: FloorPlan) -> None:
    assert [one.name for one in plan.modules.values() if not one.first_line] == []


def _tests() -> Iterator[Path]:
    for kind in KINDS:
        for source in SOURCES:
            yield from sorted((ROOT / "tests" / kind / source).rglob("test_*.py"))


def test_tests_stand_where_their_source_stands() -> None:
    astray = []
    for path in _tests():
        inside = path.relative_to(ROOT / "tests")
        source = ROOT.joinpath(*inside.parent.parts[1:])
        subject = path.stem.removeprefix("test_")
        has_source = (source / f"{subject}.py").is_file() or (source / subject / "__init__.py").is_file()
        of_the_folder = (source / "__init__.py").is_file() and subject in OF_A_WHOLE_FOLDER.get(
            str(inside.parent), frozenset()
        )
        if not (has_source or of_the_folder):
            astray.append(str(inside))
    assert astray == []


def test_each_test_of_a_whole_folder_is_there() -> None:
    gone = [
        f"{folder}/test_{subject}.py"
        for folder, subjects in OF_A_WHOLE_FOLDER.items()
        for subject in sorted(subjects)
        if not (ROOT / "tests" / folder / f"test_{subject}.py").is_file()
    ]
    assert gone == []
