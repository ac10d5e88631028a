"""A rollout: which wave comes next, what takes it back, and that a kill anywhere leaves one that goes on."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import training.publish.repository
import training.publish.rolling
from edge.durable import write_whole
from edge.errors import UsageFault
from edge.release import Channel, Rollout, wanted
from tests.training.publish.rolled import FIRST, FLEET, WAVES, Desk
from training.publish.channels import pin, unpin
from training.publish.releases import point_channel
from training.publish.rollout import Record, Said, decide, members, next_word


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_waves_widen_as_their_machines_run_it_and_the_channel_names_it_at_the_end(desk: Desk) -> None:
    desk.start()
    sizes = []
    for _ in WAVES:
        takers = desk.takers()
        sizes.append(len(takers))
        desk.later()
        record = desk.rolling.look({machine: desk.runs() for machine in takers})
    assert sizes[0] == 1
    assert 4 <= sizes[1] <= 22
    assert sizes[2] == len(FLEET)
    assert record.phase == "done"
    assert (desk.word.bundle, desk.word.rollout, desk.word.since) == (desk.new, None, record.since)


def test_a_wave_stands_open_for_its_time_however_quickly_it_succeeds(desk: Desk) -> None:
    desk.start()
    desk.later(9)
    assert desk.rolling.look({FIRST: desk.runs()}).wave == 0
    desk.later(2)
    assert desk.rolling.look({FIRST: desk.runs()}).wave == 1


def test_too_many_refusals_take_it_back_by_a_higher_word_that_waits_for_no_window(desk: Desk) -> None:
    desk.start()
    before = desk.word.counter
    record = desk.rolling.look({FIRST: desk.refuses()})
    assert (record.phase, desk.takers(), desk.word.bundle, desk.word.urgent) == ("stopped", [], desk.old, True)
    assert desk.word.counter == before + 1
    assert "1 of 1 machines refused it" in record.why
    assert desk.rolling.look({FIRST: desk.runs()}).phase == "stopped"
    with pytest.raises(UsageFault, match="is over: stopped"):
        desk.rolling.turn("running")


def test_refusals_below_the_threshold_do_not_end_it(desk: Desk) -> None:
    desk.start()
    desk.later()
    desk.rolling.look({FIRST: desk.runs()})
    desk.later()
    takers = desk.takers()
    few = int(0.1 * len(takers))
    said = {machine: desk.refuses() if n < few else desk.runs() for n, machine in enumerate(takers)}
    assert desk.rolling.look(said).wave == 2


def test_machines_that_are_off_make_it_pause_and_a_person_lets_it_go_on(desk: Desk) -> None:
    desk.start()
    desk.later(599)
    assert desk.rolling.look({}).phase == "running"
    desk.later(2)
    record = desk.rolling.look({})
    assert (record.phase, desk.takers()) == ("paused", [FIRST])
    assert "0 of 1 machines run it; 80% are wanted" in record.why
    assert desk.rolling.turn("running").phase == "running"
    desk.later()
    assert desk.rolling.look({FIRST: desk.runs()}).wave == 1


def test_paused_it_opens_no_wave_whatever_is_heard(desk: Desk) -> None:
    desk.start()
    desk.rolling.turn("paused", "by hand")
    desk.later()
    assert desk.rolling.look({FIRST: desk.runs()}).wave == 0


def test_aborted_it_is_taken_back_and_the_channel_is_free_again(desk: Desk) -> None:
    desk.start()
    with pytest.raises(UsageFault, match="is running; resume or abort"):
        desk.start()
    with pytest.raises(UsageFault, match="being rolled out"):
        point_channel(desk.open(), "stable", desk.old)
    desk.rolling.turn("aborted", "by hand")
    assert (desk.takers(), desk.word.bundle) == ([], desk.old)
    repository = desk.open()
    point_channel(repository, "stable", desk.new)
    repository.commit()
    desk.rolling.look({})
    assert desk.word.bundle == desk.new  # what was said later is not the old rollout's to change
    assert not desk.word.urgent


@pytest.mark.parametrize(
    ("told", "stands"),
    [
        ({}, "good"),
        ({"word": 1}, "unheard"),  # a success of long ago, kept by the broker or said again
        ({"word": None}, "unheard"),
        ({"wanted": "old@0123456789ab"}, "unheard"),
        ({"state": "probation"}, "under way"),
        ({"active": None, "state": "download", "progress": 0.4}, "under way"),
        ({"active": None, "waits": "window"}, "waits"),
        ({"channel": "canary"}, "elsewhere"),
    ],
)
def test_a_machine_counts_once_it_says_that_it_runs_it_by_this_rollouts_word(
    desk: Desk, told: dict[str, object], stands: str
) -> None:
    record = desk.start()
    assert members(record, desk.word, {FIRST: desk.runs(**told)}) == {FIRST: stands}


@pytest.mark.slow
def test_what_one_machine_says_counts_for_no_other(desk: Desk) -> None:
    desk.start()
    desk.later()
    desk.rolling.look({FIRST: desk.runs()})
    desk.later()
    loud = {machine: desk.runs() for machine in FLEET if machine not in desk.takers()} | {FIRST: desk.runs()}
    record = desk.rolling.look(loud)
    assert record.wave == 1
    assert set(members(record, desk.word, loud).values()) == {"good", "unheard"}


def test_a_pinned_machine_is_left_out_and_keeps_its_bundle(desk: Desk) -> None:
    desk.start()
    desk.rolling.change(lambda repository: pin(repository, "stable", FIRST, desk.old))
    record, word = desk.rolling.read()
    assert record is not None
    assert wanted(word, FIRST).by == "pin"
    assert members(record, word, {}) == {FIRST: "pinned"}
    desk.rolling.change(lambda repository: unpin(repository, "stable", FIRST))
    assert desk.takers() == [FIRST]
    with pytest.raises(UsageFault, match="pinned are: none"):
        desk.rolling.change(lambda repository: unpin(repository, "stable", FIRST))


RECORD = Record(
    channel="stable",
    bundle="new@0123456789ab",
    good="old@0123456789ab",
    good_since=1,
    since=2,
    fleet=FLEET,
    waves=WAVES,
    success=0.8,
    errors=0.1,
    hold_minutes=0,
    patience_minutes=1e9,
    opened_utc="2026-06-01T00:00:00Z",
)
TEXTS = st.sampled_from(["new@0123456789ab", "old@0123456789ab", "evil@0123456789ab", "stable", "", None]) | st.text(
    string.printable, max_size=20
)
FORGED = st.dictionaries(
    st.sampled_from(FLEET) | st.text(max_size=20),
    st.builds(
        Said, active=TEXTS, wanted=TEXTS, refused=TEXTS, channel=TEXTS, waits=TEXTS, word=st.none() | st.integers()
    ),
)


@pytest.mark.slow
@given(forged=st.lists(FORGED, max_size=6))
def test_whatever_a_broker_says_only_signed_bundles_go_to_signed_waves(forged: list[dict[str, Said]]) -> None:
    record, word = RECORD, next_word(RECORD, _plain_word())
    for heard in forged:
        before, record = record, decide(record, word, heard, RECORD.opened_utc)
        word = next_word(record, word)
        assert record.wave in (before.wave, before.wave + 1)
        assert {wanted(word, machine).bundle for machine in FLEET} <= {RECORD.bundle, RECORD.good}
        assert word.rollout is None or word.rollout == Rollout(
            bundle=RECORD.bundle, since=2, **RECORD.waves[record.wave].model_dump()
        )


def _plain_word() -> Channel:
    return Channel(format=1, channel="stable", counter=1, issued_utc="2026-06-01T00:00:00Z", bundle=RECORD.good)


class Killed(BaseException):
    """As if by SIGKILL."""


@pytest.mark.slow
@pytest.mark.parametrize("step", ["start", "advance", "stop"])
def test_killed_at_any_write_it_goes_on_as_if_nothing_had_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    for survives in range(30):
        (folder := tmp_path / str(survives)).mkdir()
        desk, left = Desk(folder), [survives]

        def write(path: Path, data: bytes | str, mode: int = 0o644, left: list[int] = left) -> None:
            if not left[0]:
                raise Killed
            left[0] -= 1
            write_whole(path, data, mode)

        def act(desk: Desk = desk) -> None:
            heard = {FIRST: desk.runs() if step == "advance" else desk.refuses()}
            desk.start() if step == "start" else desk.rolling.look(heard)

        if step != "start":
            desk.start()
            desk.later()
        before = desk.word
        with monkeypatch.context() as patch:
            patch.setattr(training.publish.rolling, "write_whole", write)
            patch.setattr(training.publish.repository, "write_whole", write)
            try:
                act()
            except Killed:
                assert desk.word.counter - before.counter in (0, 1)
            else:
                break
        record, word = desk.rolling.read()
        if record is None:
            assert (survives, step, word) == (0, "start", before)
            continue
        desk.rolling.look({})
        record, word = desk.rolling.read()
        assert record is not None
        assert next_word(record, word) == word
        assert word.counter <= before.counter + 1
    assert 4 <= survives < 12


def test_a_record_that_is_not_whole_is_told_of(desk: Desk) -> None:
    desk.start()
    path = desk.folder / "rollouts/stable.json"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UsageFault, match="not the whole record"):
        desk.rolling.look({})
