"""`sorter calibrate`: arguments in, exit status out; and the composition root of a real calibration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from edge.calibrate.calibration import Wanted

PARTS = ("light", "camera", "gates")


def calibrate(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[board|light|camera|gates]...", help="All that this machine can, where none is named."),
    ] = None,
    profile: Annotated[Path, typer.Option(metavar="FILE", help="The machine's settings, which are changed.")] = Path(
        "/etc/sorter/profile.toml"
    ),
    out: Annotated[Path, typer.Option(metavar="FILE.svg", help="With board: the page to print.")] = Path("board.svg"),
    ruler_mm: Annotated[
        float, typer.Option(min=100, max=200, help="What the printed board's line of 150 mm really measures.")
    ] = 150.0,
    rides: Annotated[int, typer.Option(min=2, max=100, help="How often the board is to ride.")] = 5,
    balls: Annotated[
        int, typer.Option(min=10, max=1000, help="For each gate, at each speed of the belt; more where it is not sure.")
    ] = 24,
    one_speed: Annotated[
        bool, typer.Option("--one-speed", help="The belt cannot run slowly: a gate's place is taken from the profile.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what was found, and change nothing.")] = False,
) -> int:
    """Measure belt, camera, light and gates, and write what was found into the profile, with its date."""
    from edge.calibrate.board import RULER_MM, svg
    from edge.calibrate.calibration import Wanted
    from edge.errors import UsageFault

    named = tuple(what or ())
    if wrong := [name for name in named if name not in ("board", *PARTS)]:
        raise UsageFault(f"{wrong[0]}: nothing that is calibrated; have board, {', '.join(PARTS)}")
    if "board" in named:
        try:
            out.write_text(svg(), encoding="utf-8")
        except OSError as error:
            raise UsageFault(f"{out}: cannot be written: {error.strerror}") from None
        print(f"{out}: print it at 100 % on stiff matt paper; its line must be {RULER_MM:g} mm long")
        if len(named) == 1:
            return 0
    parts = tuple(part for part in PARTS if part in named)
    return _measured(profile, Wanted(parts, ruler_mm / RULER_MM, rides, balls, not one_speed), dry_run)


def _measured(path: Path, wanted: Wanted, dry_run: bool) -> int:
    import cv2

    from edge.calibrate.calibration import parts_of, said
    from edge.calibrate.live import calibrate_live
    from edge.calibrate.writing import write
    from edge.clock import utc_text
    from edge.config import load_profile
    from edge.durable import write_whole
    from edge.errors import SorterError
    from edge.person import AtTerminal, Gone

    cv2.setNumThreads(1)
    profile = load_profile(path)
    person = AtTerminal()
    plate = path.with_name(f"{path.stem}.plate.png")
    parts, left_out = parts_of(profile, wanted, utc_text(), plate.name)
    for line in left_out:
        person.tell(line)
    try:
        session = calibrate_live(profile, path.parent, parts, person)
    except (Gone, KeyboardInterrupt):
        # Not the good end of a command that only shows: whoever asked for it, `sorter setup` say, must know.
        raise SorterError("broken off; nothing was changed") from None
    for line in said(profile, session.changes):
        person.tell(line)
    if dry_run:
        return 0
    write(path, session.changes)
    if session.plate is not None:
        encoded = cv2.imencode(".png", cv2.cvtColor(session.plate, cv2.COLOR_RGB2BGR))[1]
        write_whole(plate, encoded.tobytes())
    person.tell(f"{path} is written; the machine runs by it from its next start")
    return 0
