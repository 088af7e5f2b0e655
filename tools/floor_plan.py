"""Figures of the source tree: `python -m tools.floor_plan` prints them, `tests/unit/test_floor_plan.py` limits them.

A folder is an import package of `services` or `shared`; a module is one of its files. An import counts for the folders
of both modules; a circle is a set of folders that import each other.
"""

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median

SOURCES = ("services", "shared")
NOT_OURS = frozenset(("versions",))
"""Folders whose files are made by a tool: Alembic's migrations."""
SHORT = 30


@dataclass(frozen=True)
class Module:
    """One module. `name` is dotted; `imports` are the modules of this tree that it imports."""

    name: str
    path: Path
    lines: int
    tree: ast.Module
    imports: frozenset[str]

    @property
    def folder(self) -> str:
        """The package in which the file lies."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    @property
    def first_line(self) -> str:
        """The first line of the docstring."""
        return (ast.get_docstring(self.tree) or "").partition("\n")[0]

    @property
    def classes(self) -> list[str]:
        """The names of its top-level classes."""
        return [node.name for node in self.tree.body if isinstance(node, ast.ClassDef)]


@dataclass(frozen=True)
class FloorPlan:
    """All modules of a checkout, by name."""

    modules: Mapping[str, Module]

    @cached_property
    def siblings(self) -> Counter[str]:
        """How many modules each folder has, without its `__init__.py`."""
        return Counter(one.folder for one in self.modules.values() if one.path.name != "__init__.py")

    @cached_property
    def doubled_classes(self) -> dict[str, list[str]]:
        """The names that more than one class has, with their modules. A leading underscore makes no other name."""
        where = defaultdict(list)
        for one in self.modules.values():
            for name in one.classes:
                where[name.lstrip("_")].append(one.name)
        return {name: names for name, names in sorted(where.items()) if len(names) > 1}

    @cached_property
    def importers(self) -> dict[str, set[str]]:
        """The modules that import each module."""
        found = defaultdict(set)
        for one in self.modules.values():
            for imported in one.imports:
                found[imported].add(one.name)
        return found

    @cached_property
    def passing_on(self) -> list[str]:
        """Modules of less than 30 lines that one other module imports."""
        return sorted(
            one.name
            for one in self.modules.values()
            if one.lines < SHORT and one.path.name != "__init__.py" and len(self.importers.get(one.name, ())) == 1
        )

    @cached_property
    def circles(self) -> list[list[str]]:
        """The sets of folders that import each other, straight or over others."""
        edges = defaultdict(set)
        for one in self.modules.values():
            for imported in one.imports:
                if self.modules[imported].folder != one.folder:
                    edges[one.folder].add(self.modules[imported].folder)
        reached = {folder: set(_reachable(folder, edges)) for folder in list(edges)}
        together = {
            frozenset({folder, *(other for other in others if folder in reached.get(other, ()))})
            for folder, others in reached.items()
            if folder in others
        }
        return sorted(sorted(circle) for circle in together)


def _reachable(start: str, edges: Mapping[str, set[str]]) -> Iterator[str]:
    seen: set[str] = set()
    waiting = list(edges.get(start, ()))
    while waiting:
        folder = waiting.pop()
        if folder not in seen:
            seen.add(folder)
            yield folder
            waiting.extend(edges.get(folder, ()))


def read_floor_plan(root: Path) -> FloorPlan:
    """Read the modules of a checkout; nothing is imported."""
    paths = [
        path
        for source in SOURCES
        for path in sorted((root / source).rglob("*.py"))
        if not NOT_OURS.intersection(path.parts)
    ]
    names = {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}
    modules = {}
    for name, path in names.items():
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        imports = frozenset(_imports(tree, names)) - {name}
        modules[name] = Module(name=name, path=path, lines=len(text.splitlines()), tree=tree, imports=imports)
    return FloorPlan(modules)


def _imports(tree: ast.Module, names: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in names:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in names else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)


def main() -> None:
    """Print the figures."""
    plan = read_floor_plan(Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd())
    lines = [one.lines for one in plan.modules.values() if one.path.name != "__init__.py"]
    print(f"modules: {len(lines)}, lines: median {median(lines):g}, longest {sorted(lines)[-3:]}")
    print("fullest folders:", ", ".join(f"{name} {count}" for name, count in plan.siblings.most_common(8)))
    print(f"classes of one name: {len(plan.doubled_classes)}")
    for name, where in plan.doubled_classes.items():
        print(f"    {name}: {', '.join(where)}")
    print(f"circles of folders: {len(plan.circles)}")
    for circle in plan.circles:
        print(f"    {', '.join(circle)}")
    print(f"under {SHORT} lines with one importer: {len(plan.passing_on)}")
    for name in plan.passing_on:
        print(f"    {name} <- {', '.join(plan.importers[name])}")


if __name__ == "__main__":
    main()
