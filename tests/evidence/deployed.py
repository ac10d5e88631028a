"""Deploys to the nspawn machine that are killed at ten places and run again."""

from __future__ import annotations

from pathlib import Path

from edge import clock
from tests.evidence.trial import Finding, Trial, at_most, is_so
from tests.nspawn.cut import CUTS, FIRST, Cut, current, cut_off, releases, tree
from tests.nspawn.line import Line, S
from tests.nspawn.machine import Machine


def deployed(trial: Trial) -> Finding:
    """An install from nothing, upgrades killed on the way and run again, the way back, and nothing left."""
    rows = []
    began_ns = clock.now_ns()
    with Machine() as machine, Line(machine) as line:
        first_s = (clock.now_ns() - began_ns) / S
        line.sorts(60)
        for n, cut in enumerate(CUTS[: trial.count(len(CUTS))]):
            rows.append(_upgrade(line, cut, tree(trial.folder / "tree", edge__turn=f"# {n}")))
            trial.say(f"{cut}: {rows[-1]}")
        before = current(line)
        line.deploy("--rollback")
        line.sorts(60)
        went_back = current(line) != before
        line.deploy("--uninstall")
        from_nothing = cut_off(line, FIRST, trial.folder / "tree", "--profile", machine.folder / "profile.toml")
        line.deploy("--profile", machine.folder / "profile.toml", tree=trial.folder / "tree")
        line.sorts(60)
        line.deploy("--uninstall")
        left = line.left()
    targets = [
        is_so("every place was reached, and the kill fell there", all(row["reached"] for row in rows) and from_nothing),
        is_so("what was there sorted on, or what came did", all(row["sorted"] for row in rows)),
        is_so("the next run went through", all(row["went_through"] for row in rows)),
        is_so("the way back led to the release before", went_back),
        at_most("files left after the last uninstall", len(left), 0),
    ]
    return Finding({"boot_and_first_install_s": round(first_s, 1), "cuts": rows, "left": sorted(left)}, targets)


def _upgrade(line: Line, cut: Cut, of: Path) -> dict[str, object]:
    before, main = current(line), line.main()
    reached = cut_off(line, cut, of)
    undisturbed = line.main() == main
    line.sorts(90)
    done = line.deploy(tree=of, check=False)
    line.sorts(90)
    return {
        "who": cut.who,
        "place": cut.line,
        "after_s": cut.after_s,
        "reached": reached,
        "undisturbed": undisturbed,
        "sorted": True,
        "went_through": done.returncode == 0 and current(line) != before and len(releases(line)) <= 2,
    }
