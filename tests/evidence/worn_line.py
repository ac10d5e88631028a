"""Decay on the whole line in virtual time, with rendered frames: the line's own segmenter, network, looks and verdicts,
and the watch for decay that it runs. As many fruit show what is usual as make a run short."""

from __future__ import annotations

from pathlib import Path

from edge.incidents_drift import ENTRIES
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.fruit import load_builtin
from sim.setup import prepare
from sim.timeline import START_NS

USUAL = 400
"""Fruit that show what is usual."""
FROM_S, TO_S = 50.0, 170.0
"""Of a decay: how long it takes to be complete."""
MOST, HEALTHY = 1_700, 700
"""Fruit of a run, at ten a second."""
CULTIVARS = ("orange", "yellow")
FAULTS = {"lamp": "lamp-ageing", "lens": "lens-film", "bundle": "bad-bundle"}


def decay(folder: Path, share: float, cause: str, seed: int) -> tuple[str, int]:
    """The first alarm's code, and how many fruit the decay took until then; "" and all of them where none came.
    `share`: of the fruit that are of the new cultivar. `cause`: "" for a machine that is well."""
    lines = ['extends = "clean"', f'about = "{cause}"', "[machine.watch]", f"reference_fruit = {USUAL}"]
    if cause in FAULTS:
        lines += ["[[fault]]", f'name = "{FAULTS[cause]}"', f"from_s = {FROM_S}", f"to_s = {TO_S}"]
    elif cause == "cultivar":
        ids = [skin.skin_id for skin in load_builtin("varieties") if any(kind in skin.skin_id for kind in CULTIVARS)]
        lines += ["[[newcomer]]", f"fruit = {ids}".replace("'", '"'), 'label = "red"', f"share = {share:.3f}"]
        lines += [f"from_s = {FROM_S}"]
    path = folder / f"{cause}-{seed}.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = FastRun(prepare(str(path), seed=seed, limit=Limit(fruit=MOST if cause else HEALTHY)))
    found = run.board.log.incidents
    codes = {entry.code for entry in ENTRIES}
    run.run_until(lambda: any(said.code in codes for said in found))
    told = [said for said in found if said.code in codes]
    if not told:
        return "", MOST
    ran_s = (told[0].at_ns - START_NS) / 1e9
    return told[0].code, round(run.line.counts.verdicts * (1 - FROM_S / ran_s))
