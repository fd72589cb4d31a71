"""The house keeps its order: imports point one way, contents pages are sorted, every command shows how to use it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from replay.cli.main import COMMANDS, group

ROOT = Path(__file__).parent.parent
SOURCES = sorted(p for package in ("traces", "capture", "replay") for p in (ROOT / package).rglob("*.py"))

#: What a room may import of the others: three floors, and the ground floor knows nobody.
ALLOWED = {"traces": {"traces"}, "capture": {"capture", "traces"}, "replay": {"replay", "traces"}}

#: Within traces, from the ground up; a module imports from its own row or one above it in this list.
FLOORS = [
    {"model", "shapes"},
    {"file", "lens", "openapi"},
    {"convert", "facts", "gather", "anonymize"},
    {"endpoints"},
    {"callers", "groups", "links", "things", "sessions", "outcome"},
    {"analysis", "overview"},
    {"compare"},
    {"report"},
]

#: Imported inside the function that needs them: `replay --help` answers in 0.3 s.
HEAVY = {"scipy", "mitmproxy", "locust", "jinja2", "httpx"}
#: The rooms that are loaded only by whoever needs what they wrap.
HEAVY_ROOMS = ("capture/", "traces/compare/", "traces/report/", "replay/wire/through_httpx.py", "replay/target/")


def imports(path: Path, *, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    relative = path.relative_to(ROOT)
    own = {name.split(".")[0] for name in imports(path)} & set(ALLOWED)
    extra = own - ALLOWED[relative.parts[0]]
    # `replay capture` is the one command that needs the recorder.
    assert extra <= ({"capture"} if str(relative) == "replay/cli/capture.py" else set())


@pytest.mark.parametrize("path", [p for p in SOURCES if p.is_relative_to(ROOT / "traces")], ids=lambda p: p.stem)
def test_within_traces_nothing_imports_from_a_floor_above(path: Path) -> None:
    def floor(room: str) -> int:
        return next((n for n, rooms in enumerate(FLOORS) if room in rooms), -1)

    own = floor(path.relative_to(ROOT / "traces").parts[0].removesuffix(".py"))
    used = {name.split(".")[1] for name in imports(path) if name.startswith("traces.")}
    assert max((floor(room) for room in used), default=-1) <= max(own, 0)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_heavy_packages_are_imported_where_they_are_used(path: Path) -> None:
    if str(path.relative_to(ROOT)).startswith(HEAVY_ROOMS):
        return
    assert {name.split(".")[0] for name in imports(path, top_level_only=True)} & HEAVY == set()


def test_scipy_lives_in_compare_and_nowhere_else() -> None:
    users = {p.relative_to(ROOT).parts[:2] for p in SOURCES if any(n.split(".")[0] == "scipy" for n in imports(p))}
    assert users == {("traces", "compare")}


def test_no_file_is_longer_than_a_file_of_one_idea() -> None:
    assert [p for p in SOURCES if len(p.read_text().splitlines()) > 300] == []


@pytest.mark.parametrize("path", [p for p in SOURCES if p.name == "__init__.py"], ids=lambda p: p.parent.name)
def test_a_contents_page_lists_its_names_in_order(path: Path) -> None:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            names = ast.literal_eval(node.value)
            assert names == sorted(names, key=lambda n: (not n.isupper(), not n[0].isupper(), n))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_says_what_it_does_and_shows_an_example(name: str) -> None:
    command = group.get_command(None, name)  # type: ignore[arg-type]  # the context is not looked at
    assert command is not None
    assert command.help
    assert (command.epilog or "").startswith(f"Example: replay {'' if name == 'run' else name}")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_documented(name: str) -> None:
    assert f"replay {name}" in (ROOT / "docs" / "commands.md").read_text()


def test_help_answers_without_loading_what_only_a_command_needs() -> None:
    code = "import sys; sys.argv=['replay','--help']\n"
    code += "try:\n from replay.cli import main; main()\nexcept SystemExit: pass\n"
    code += f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stderr.strip() == "[]"
