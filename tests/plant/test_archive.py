"""The history on disk: whole, once, bounded, and read by DuckDB with the queries of the docs."""

import errno
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.archive import Archive
from plant.journal import Journal, read
from plant.parquet import KINDS, columns, table
from plant.subscriber import as_row
from tests.plant.history import Said, rows

DOCS = Path(__file__).parents[2] / "docs"
QUERIES = re.findall(r"```sql\n(.*?)```", (DOCS / "queries.md").read_text(encoding="utf-8"), re.DOTALL)
TODAY = datetime(2026, 1, 20, tzinfo=UTC)


def archive(folder: Path, name: str = "archive", days: int = 400, most_bytes: int = 10**9) -> Archive:
    return Archive(folder, name, days, most_bytes)


def count(folder: Path, kind: str = "track") -> int:
    found = duckdb.sql(f"SELECT count(*) FROM read_parquet('{folder}/{kind}/**/*.parquet', hive_partitioning = true)")
    return int(found.fetchall()[0][0])


@pytest.mark.slow
def test_every_query_of_the_docs_has_an_answer(tmp_path, monkeypatch):
    made = archive(tmp_path / "history")
    for run_id, day in (("run", 1), ("other", 2)):
        said = rows(Said(run_id=run_id, day=day).everything())
        made.keep([*said, *said[:7]])  # some come twice
    made.turn(TODAY)
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as base:
        answers = {query: base.execute(query).fetchall() for query in QUERIES}
        assert base.execute("SELECT count(*) FROM tracks").fetchall() == [(40,)]
    assert len(QUERIES) >= 10
    assert all(answer for query, answer in answers.items() if query.startswith(("SELECT", "WITH")))
    absent = answers[QUERIES[-1]]
    assert {(run, gone) for _, run, _, gone in absent} == {("run", 0), ("other", 0)}


def test_a_row_lies_under_its_own_day_site_and_machine(tmp_path):
    made = archive(tmp_path)
    made.keep(rows(Said("line-1", day=3).everything()))
    made.keep(rows(Said("line-2", day=4).everything()))
    made.turn(TODAY)
    places = {path.parent.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("track/**/*.parquet")}
    assert places == {f"track/day=2026-01-0{n + 2}/site=packing/machine=line-{n}" for n in (1, 2)}


def test_columns_are_those_of_the_contract():
    assert {kind: set(columns(kind)) for kind in KINDS}["track"] >= {"track_id", "label", "scores", "late_ms", "seq"}
    assert str(columns("track")["ts_utc"]) == "timestamp[ms]"


def test_what_a_crash_left_is_turned_at_the_next_start(tmp_path):
    archive(tmp_path).keep(rows(Said().everything()))  # and it dies here
    again = archive(tmp_path)
    again.turn(TODAY)
    assert count(tmp_path) == 20


def test_a_crash_between_parquet_and_the_deletion_writes_nothing_twice(tmp_path):
    made = archive(tmp_path)
    made.keep(rows(Said().everything()))
    made.journal.close()
    (lines,) = made.journal.closed()
    held = lines.read_bytes()
    made.turn(TODAY)
    lines.write_bytes(held)  # as if it had not come to the deletion
    archive(tmp_path).turn(TODAY)
    assert count(tmp_path) == 20


def test_a_torn_last_line_is_passed_over(tmp_path):
    journal = Journal(tmp_path, "a")
    journal.append([("track", {"n": 1}), ("track", {"n": 2})])
    journal.close()
    (path,) = journal.closed()
    path.write_bytes(path.read_bytes()[:-4])
    assert list(read(path)) == [("track", {"n": 1})]


def test_two_collectors_share_a_folder(tmp_path):
    one, two = archive(tmp_path, "one"), archive(tmp_path, "two")
    said = rows(Said().everything())
    one.keep(said[::2])
    two.keep(said[1::2])
    one.turn(TODAY)
    two.turn(TODAY)
    assert count(tmp_path) == 20


def test_what_is_older_than_the_bound_goes_by_whole_days(tmp_path):
    made = archive(tmp_path, days=10)
    for day in (1, 9, 10, 19):
        made.keep(rows(Said(day=day, run_id=f"run{day}").everything()))
    made.turn(TODAY)
    assert {path.name for path in (tmp_path / "track").iterdir()} == {"day=2026-01-10", "day=2026-01-19"}


def test_what_is_more_than_the_bound_goes_oldest_first_and_the_newest_day_stays(tmp_path):
    made = archive(tmp_path, most_bytes=1)
    for day in (1, 2, 3):
        made.keep(rows(Said(day=day, run_id=f"run{day}").everything()))
    made.turn(TODAY)
    assert {path.name for kind in KINDS for path in (tmp_path / kind).glob("day=*")} == {"day=2026-01-03"}


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("sorter/v1/packing/line-1/tracks", b"{"),
        ("sorter/v1/packing/line-1/tracks", b"[]"),
        ("sorter/v1/packing/line-1/tracks", b'{"ts_utc": "../../../x", "run_id": "r", "seq": 1}'),
        ("sorter/v1/packing/line-1/tracks", b'{"ts_utc": "20260101T120000Z", "run_id": "r", "seq": 1}'),
        ("sorter/v1/packing/line-1/tracks", b'{"ts_utc": "2026-01-01T12:00:00Z", "run_id": "r"}'),
        ("sorter/v1/../line-1/tracks", b'{"ts_utc": "2026-01-01T12:00:00Z", "run_id": "r", "seq": 1}'),
        ("sorter/v1/packing/line-1/preview", b'{"ts_utc": "2026-01-01T12:00:00Z", "run_id": "r", "seq": 1}'),
        ("sorter/v1/packing/line-1/tracks", b"[" * 50_000),
    ],
)
def test_what_is_no_message_of_a_machine_is_not_kept(topic, payload):
    assert as_row(topic, payload) is None


NAMED = st.sampled_from(["seq", "label", "late_ms", "ts_utc", "by", "throttled"])
STRANGE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.lists(st.integers())


@given(st.sampled_from(KINDS), st.dictionaries(NAMED, STRANGE))
def test_a_strange_row_is_written_all_the_same(kind, strange):
    row = {"ts_utc": "2026-01-01T12:00:00.000Z", "run_id": "r", "seq": 1} | strange
    assert table(kind, [row, {"run_id": "s"}]).startswith(b"PAR1")


def test_a_field_that_is_new_in_a_message_does_no_harm(tmp_path):
    said = json.loads(Said().everything()[0].payload) | {"invented_later": [1, 2]}
    found = as_row("sorter/v1/packing/line-1/tracks", json.dumps(said).encode())
    made = archive(tmp_path)
    made.keep([found])
    made.turn(TODAY)
    assert count(tmp_path) == 1


@pytest.mark.slow
def test_what_is_not_installed_is_named_with_the_command_that_installs_it():
    """Without pyarrow the rest of sorter works, and `collect` says what to do."""
    code = """
import importlib.abc, sys
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in ("pyarrow", "duckdb", "cryptography"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from edge.cli import main
import edge.machine, edge.telemetry.telemetry
assert main(["--version"]) == 0
sys.exit(main(["collect", "--broker", "mqtt://x", "--out", "/nowhere"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "collect: needs pyarrow, which is not installed here: run `make plant` in a checkout" in done.stderr


def test_a_line_that_a_full_disk_has_torn_costs_no_other(tmp_path, monkeypatch):
    journal = Journal(tmp_path, "archive")
    first, second, third = rows(Said().everything())[:3]
    journal.append([first])
    whole = os.write

    def full(handle: int, held: memoryview) -> int:
        if whole(handle, held[:10]) == 10:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return 0

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        journal.append([second])
    monkeypatch.setattr(os, "write", whole)
    journal.append([second, third])
    journal.close()
    assert [pair for path in journal.closed() for pair in read(path)] == [first, second, third]
