"""The reports' pictures for the documentation: `python -m tests.screenshots_reports docs/reports`."""

from __future__ import annotations

import argparse
import tempfile
from datetime import timedelta
from pathlib import Path

from edge.cli import main as sorter
from tests.dashboard.browser import browser
from tests.evidence.plantledger import entries
from tests.evidence.plants import PLANTS
from tests.plant.report.pretend import BEGIN, Pretended, Stamped, event, write

WIDE, MOST_BYTES = 1_000, 200_000


def main() -> None:
    """Write them all."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots_reports", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, browser() as page:
        made = _pages(Path(work))
        for name, theme in (("shift", "light"), ("lot", "dark"), ("invest", "light")):
            page.theme(theme)
            page.call("Emulation.setDeviceMetricsOverride", width=WIDE, height=900, deviceScaleFactor=1, mobile=False)
            page.call("Page.navigate", url=made[name].as_uri())
            page.until("document.readyState === 'complete' && !!document.querySelector('h1')")
            for quality in (80, 60, 45, 30):
                page.picture(folder / f"{name}.webp", quality, full=True)
                if (folder / f"{name}.webp").stat().st_size < MOST_BYTES:
                    break


def _pages(work: Path) -> dict[str, Path]:
    plant = Pretended(fruit=40_000, audit=0.05)
    history = write(sorted([*plant.entries(), *_more()], key=lambda one: one.utc), work / "line")
    invested = write(entries(PLANTS[2], 7), work / "dusk", block=2_000)
    asked = ["report", "--history", str(history), "--zone", "UTC", "--out"]
    sorter([*asked, str(work / "shift"), "--shift", "2026-03-31/06:00-14:00"])
    sorter([*asked, str(work / "lot"), "--lot", "farm-12", "--standard", "us-no-1", "--standard", "unece-1"])
    sorter(["invest", "--history", str(invested), "--out", str(work)])
    return {
        "shift": work / "shift" / "report.html",
        "lot": work / "lot" / "report.html",
        "invest": work / "invest.html",
    }


def _more() -> list[Stamped]:
    def at(seconds: float, kind: str, about: str, who: str | None = None, **said: str | float) -> Stamped:
        return Stamped(BEGIN + timedelta(seconds=seconds), "r", event(seconds, kind, about=about, who=who, said=said))

    return [
        at(600, "incident", "encoder_slips", state="raised", percent=6.0),
        at(960, "incident", "encoder_slips", state="cleared"),
        at(1_000, "lot", "lot", who="anna", lot="farm-12"),
        at(2_000, "incident", "lane_jam", state="raised", lanes="1"),
        at(2_120, "incident", "lane_jam", state="cleared"),
        at(3_600, "lot", "lot", who="anna", lot=""),
    ]


if __name__ == "__main__":
    main()
