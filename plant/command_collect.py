"""`sorter collect`: arguments in, the collector's loop, one line at its end."""

import signal
from pathlib import Path
from typing import Annotated

import typer


def collect(
    broker: Annotated[str, typer.Option(metavar="URL", help="mqtt://host or mqtts://host.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the history goes.", show_default=False)],
    name: Annotated[str, typer.Option(help="Of this collector; each of a group has its own.")] = "archive",
    group: Annotated[
        str | None, typer.Option(help="Collectors of one group share the work; alone without.", show_default=False)
    ] = None,
    username: Annotated[str | None, typer.Option(help="At the broker.", show_default=False)] = None,
    password_file: Annotated[Path | None, typer.Option(metavar="FILE", show_default=False)] = None,
    ca_file: Annotated[Path | None, typer.Option(metavar="FILE", help="The plant's CA.", show_default=False)] = None,
    every_s: Annotated[float, typer.Option(min=1, help="A new file so often, at the latest.")] = 300,
    days: Annotated[int, typer.Option(min=1, help="What is older is deleted.")] = 400,
    gigabytes: Annotated[float, typer.Option(min=0.001, help="What is more is deleted, oldest day first.")] = 50,
    seconds: Annotated[float | None, typer.Option(help="End after so long.", show_default=False)] = None,
) -> None:
    """Keep what machines say as Parquet, by day and machine, for DuckDB and the like. Ends at Ctrl-C."""
    from pydantic import ValidationError

    from edge.clock import now_ns
    from edge.config import Telemetry
    from edge.errors import UsageFault
    from edge.log import start_log
    from edge.signals import Stop
    from plant.archive import Archive
    from plant.collector import Collector
    from plant.register import checked_name

    try:
        settings = Telemetry(broker=broker, username=username, password_file=password_file, ca_file=ca_file)
    except ValidationError:
        raise UsageFault(f"--broker {broker}: must be mqtt://host or mqtts://host, :port where it differs") from None
    start_log()
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    until_ns = None if seconds is None else now_ns() + round(seconds * 1e9)
    try:
        archive = Archive(out, checked_name(name), days, round(gigabytes * 1e9))
    except OSError as error:
        raise UsageFault(f"--out {out}: {error.strerror}; give a folder that can be written") from None
    collector = Collector(settings, name, group and checked_name(group), archive, every_s)
    collector.run(lambda: stop.asked or (until_ns is not None and now_ns() >= until_ns))
    print(f"{collector.heard} messages heard, {collector.rejected} of them no machine's; the history is in {out}")
