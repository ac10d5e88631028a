"""What holds fakes to the real thing, and the gates to their safe level: the contract tests, and the kills."""

from __future__ import annotations

import json
import sys
from collections import Counter
from xml.etree import ElementTree

from tests.evidence.trial import Finding, Trial, at_most, is_so

TIMES = 10
WITHIN_MS = 250


def contracts(trial: Trial) -> Finding:
    """Every claim on every adapter that runs here. None may be skipped."""
    out = trial.folder / "contract.xml"
    trial.run([sys.executable, "-m", "pytest", "tests/contract", f"--junit-xml={out}"], ok=(0, 1))
    results: dict[str, Counter[str]] = {}
    for case in ElementTree.parse(out).iter("testcase"):
        state = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")
        results.setdefault(case.attrib["classname"].rpartition(".")[2], Counter())[state] += 1
    totals = sum(results.values(), Counter[str]())
    targets = [
        at_most("claims that fail", totals["failure"] + totals["error"], 0),
        at_most("claims that are skipped", totals["skipped"], 0),
    ]
    return Finding({name: dict(row) for name, row in sorted(results.items())}, targets)


def kills(trial: Trial) -> Finding:
    """Gate and main process killed and stopped on the live desk."""
    out = trial.folder / "kills.json"
    times = str(trial.count(TIMES))
    trial.run([sys.executable, "-m", "tests.live.kills", "--times", times, "--json", str(out)], ok=(0, 1))
    found = json.loads(out.read_text(encoding="utf-8"))
    targets = [
        at_most("from the signal until every line is safe, ms", found["safe_ms_max"], WITHIN_MS),
        is_so("until the first verdict every other fruit runs to the belt's end", found["strays"] == 0),
    ]
    return Finding(found, targets, found["seed"])
