"""The history on disk: `KIND/day=…/site=…/machine=…/*.parquet`, which DuckDB reads as one table a kind; bounded."""

import shutil
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from edge.durable import write_whole
from edge.log import Log
from plant.journal import Journal, Row, read
from plant.parquet import KINDS, table

_log = Log("collect")


class Archive:
    """One folder, which several collectors may share: each writes files of its own."""

    def __init__(self, folder: Path, collector: str, days: int, most_bytes: int) -> None:
        """`days`, `most_bytes`: what is older, or more, is deleted, a day at a time."""
        self._folder = folder
        self._collector = collector
        self._days = days
        self._most_bytes = most_bytes
        self.journal = Journal(folder / "incoming", collector)

    def keep(self, rows: Iterable[tuple[str, Row]]) -> None:
        """On return the rows survive a power cut, and can be acknowledged."""
        self.journal.append(rows)

    def turn(self, today: datetime) -> int:
        """Turn what waits into Parquet; returns how many files were written. A crash in the middle writes the same
        files again."""
        self.journal.close()
        written = 0
        for path in self.journal.closed():
            parts: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
            for kind, row in read(path):
                parts[kind, str(row["ts_utc"])[:10], row["site"], row["machine"]].append(row)
            for (kind, day, site, machine), rows in parts.items():
                place = self._folder / f"{kind}/day={day}/site={site}/machine={machine}"
                write_whole(place / f"{path.stem}.parquet", table(kind, rows))
                written += 1
            path.unlink()
        self._thin(today)
        return written

    def _thin(self, today: datetime) -> None:
        """Whole days go, oldest first, until age and size are within bounds. The newest day stays."""
        places = [place for kind in KINDS for place in (self._folder / kind).glob("day=*")]
        days = sorted({place.name for place in places})
        sizes = {day: 0 for day in days}
        for place in places:
            sizes[place.name] += sum(file.stat().st_size for file in place.rglob("*.parquet"))
        oldest = f"day={today - timedelta(days=self._days):%Y-%m-%d}"
        while len(days) > 1 and (days[0] < oldest or sum(sizes.values()) > self._most_bytes):
            day = days.pop(0)
            for kind in KINDS:
                shutil.rmtree(self._folder / kind / day, ignore_errors=True)
            _log.info("day deleted, to stay within bounds", day=day[4:], bytes=sizes.pop(day))
