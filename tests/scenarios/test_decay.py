"""Decay that comes slowly, on the whole line with rendered frames: the machine says what it is, and sorts on."""

from pathlib import Path

import pytest

from edge.incidents import CATALOGUE
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.setup import prepare
from sim.timeline import START_NS

pytestmark = pytest.mark.slow

USUAL = 200
FROM_S, TO_S = 24, 124


def alarms(folder: Path, fault: str) -> list[str]:
    """The codes of what was told of decay, up to the first."""
    path = folder / "decays.toml"
    path.write_text(
        'extends = "clean"\nabout = "decays"\n'
        f"[machine.watch]\nreference_fruit = {USUAL}\n"
        f'[[fault]]\nname = "{fault}"\nfrom_s = {FROM_S}\nto_s = {TO_S}\n',
        encoding="utf-8",
    )
    run = FastRun(prepare(str(path), seed=1, limit=Limit(None, TO_S)))
    codes = [code for code in CATALOGUE if code.startswith("drift_")]
    found = run.board.log.incidents
    run.run_until(lambda: any(said.code in codes for said in found))
    told = [said for said in found if said.code in codes]
    assert all(said.at_ns > START_NS + FROM_S * 1_000_000_000 for said in told)
    assert run.line.standing.first is None
    return [said.code for said in told]


@pytest.mark.parametrize(("fault", "code"), [("lamp-ageing", "drift_lamp"), ("bad-bundle", "drift_bundle")])
def test_what_decays_is_named_while_the_line_sorts_on(tmp_path: Path, fault: str, code: str):
    assert alarms(tmp_path, fault) == [code]
