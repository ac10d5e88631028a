"""One fruit's chain, out of a run that crossed a change of settings, a restart, a correction and another bundle."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from edge.bundle import FACTORY
from edge.cli import main
from edge.datapath import Adopted, GateClosed, StepInputs
from edge.ledger.entries import Event
from edge.tracing import trace
from tests.edge.trace.test_decisions import outcome, track, verdict
from tests.edge.trace.test_ledger import BUNDLE, Run, profile


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("history")
    Run(folder, "one").ledger.close()
    run = Run(folder, "two", profile=profile(folder, speed_mm_s=550.0), ended="was killed")
    digest = profile(folder, speed_mm_s=550.0).digest
    run.ledger.put(StepInputs(1, (), None, (), adopted=Adopted(BUNDLE, str(FACTORY))))
    for record in (
        track("two.1"),
        verdict("two.1"),
        outcome("fired", "two.1"),
        GateClosed("left", 3_000_000, ("two.1",)),
    ):
        run.ledger.put(record_of(record, digest))
    run.ledger.put(record_of(verdict("two.2", "end"), digest))
    run.ledger.put(Event(9, "label", "maria", "two.1 is noted as red", "two.1", {"label": "red", "took_s": 1.5}))
    run.ledger.close()
    return folder


def record_of(record, digest):
    return replace(record, bundle=BUNDLE, profile=digest) if hasattr(record, "bundle") else record


def unfilled(told: object, path: str = "") -> list[str]:
    """The paths of what is empty."""
    if isinstance(told, dict):
        return [empty for key, value in told.items() for empty in unfilled(value, f"{path}.{key}")] or []
    if isinstance(told, list) and told:
        return [empty for n, value in enumerate(told) for empty in unfilled(value, f"{path}[{n}]")]
    return [path] if told is None or told in ("", [], {}) else []


def test_every_field_of_a_fruit_is_filled(history: Path) -> None:
    told = trace(history, "two.1")
    assert [path for path in unfilled(told) if not path.startswith(".bundle.metrics")] == []
    assert told["gate"]["open_ms"] == pytest.approx(2.998)
    assert told["profile"]["changed"]["keys"] == {"belt.speed_mm_s": [600.0, 550.0]}
    assert told["bundle"]["dataset_sha256"] and told["bundle"]["code_commit"] and told["bundle"]["recipe"]["text"]
    assert told["run"]["why"] == "the run before it was killed"
    assert told["release"]["approved_by"] and told["release"]["adopted_utc"]
    assert (told["people"][0]["who"], told["people"][0]["label"]) == ("maria", "red")
    assert told["money"]["expected"].keys() == {"end", "red", "turning", "green", "damaged"}
    assert told["ledger"]["signed"]["block"] > told["ledger"]["block"]


def test_a_fruit_that_no_gate_opened_for_says_why(history: Path) -> None:
    told = trace(history, "two.2")
    assert told["gate"] == {"result": "no gate was to open: graded"} and told["people"] == []


def test_the_page_shows_what_the_json_says(history: Path, capsys) -> None:
    assert main(["trace", "two.1", "--history", str(history), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["trace", "two.1", "--history", str(history)]) == 0
    page = capsys.readouterr().out
    for said in (told["bundle"]["code_commit"], "maria", "belt.speed_mm_s", told["gate"]["opened_utc"], "was killed"):
        assert said in page


def test_a_fruit_that_is_not_there_is_told_in_a_line(history: Path, tmp_path: Path, capsys) -> None:
    assert main(["trace", "two.99", "--history", str(history)]) == 2
    assert main(["trace", "two.1", "--history", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 2
