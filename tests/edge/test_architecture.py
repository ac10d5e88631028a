"""The shape of the house, as far as the linters do not hold it."""

import ast
import re
import tomllib
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("edge", "plant", "sim", "training", "tests")
FILES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
SOURCES = [path for path in FILES if path.relative_to(ROOT).parts[0] != "tests"]

OWNERS = {
    "picamera2": {"edge/capture"},
    "gpiozero": {"edge/sort", "edge/bench", "sim/pins.py"},
    "paho": {
        "edge/telemetry",
        "edge/bench",
        "plant/subscriber.py",
        "sim/broker.py",
        "training/publish/ear.py",
        "training/data/fetching.py",
    },
    "cryptography": {"plant/authority.py"},
    "pyarrow": {"plant/parquet.py"},
    "ai_edge_litert": {"edge/grade/litert.py", "edge/bench", "training/looks.py"},
    "amqtt": {"sim/embedded_broker.py"},
    "matplotlib": {"sim/plot.py", "training/evaluation/plots.py"},
    "tuf": {"edge/update", "training/publish"},
    "securesystemslib": {"edge/update", "training/publish"},
    "tensorflow": {"training"},
    "keras": {"training"},
}
"""A driver, client or engine, to the only places that may import it."""


def imports(path: Path) -> set[str]:
    """The top-level packages that a file imports, wherever in it, also by `import_module`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            found |= {str(value.value).partition(".")[0] for value in node.args if isinstance(value, ast.Constant)}
    return found


def test_no_file_outgrows_one_idea() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {str(path): length for path, length in lengths.items() if length > 250} == {}
    assert median(length for path, length in lengths.items() if path in SOURCES and length) <= 130


def test_no_file_is_named_after_nothing() -> None:
    named = {path for path in FILES if re.search(r"util|helper|common|manager|^base|misc", path.stem)}
    assert named == set()


def test_packages_hold_no_logic_of_their_own() -> None:
    for path in FILES:
        if path.name == "__init__.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert len(tree.body) == (ast.get_docstring(tree) is not None), path


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_belongs_to_the_stage_that_uses_it(library: str) -> None:
    places = {path.relative_to(ROOT).as_posix() for path in SOURCES if library in imports(path)}
    assert {place for place in places if not place.startswith(tuple(OWNERS[library]))} == set()


def test_every_module_of_the_edge_has_its_layer() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {name.strip(" ()") for layer in layers for name in layer.split("|")}
    modules = {f"edge.{path.stem}" for path in (ROOT / "edge").iterdir() if path.suffix == ".py" or is_package(path)}
    assert modules - {"edge.__init__"} == named


def is_package(path: Path) -> bool:
    return (path / "__init__.py").is_file()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_says_what_it_owns(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))
