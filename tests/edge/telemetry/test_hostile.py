"""Whatever comes in as a command: nothing that may not is done, nothing raises, nothing grows."""

import itertools
import json
import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.telemetry.command_messages import COMMANDS
from edge.telemetry.commands import MOST_REMEMBERED, PER_S
from tests.edge.telemetry.commanded import ROOT, Commanded
from tests.edge.telemetry.hostile import GOOD, KINDS, hostile, with_done

SOME = 2_000


def flood(many: int, seed: int = 1, pace_s: float = 1 / PER_S) -> Commanded:
    """A machine after so many hostile commands, in so many seconds each: slow enough for each to be looked at."""
    machine = with_done(Commanded())
    before, events = machine.acts, len(machine.box.messages)
    for topic, payload, is_retained in itertools.islice(hostile(machine, random.Random(seed)), many):
        answer = machine.desk.hear(topic, payload, is_retained, machine.now_ns)
        assert answer is None or len(answer.payload) < 1_000
        machine.pass_(pace_s)
    assert (machine.acts, len(machine.box.messages)) == (before, events)
    return machine


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_hostile_command_is_acted_on(kind):
    machine, chance = with_done(Commanded()), random.Random(1)
    before = machine.acts
    for _ in range(100):
        machine.desk.hear(*kind(machine, chance), machine.now_ns)
        machine.pass_(1)
    assert machine.acts == before
    assert machine.wishes.feed_stopped  # as the good command had it
    counts = machine.desk.counts
    assert counts.refused + counts.dropped + counts.repeated == 100


def test_a_flood_of_every_kind_is_survived_and_a_good_command_is_still_done():
    machine = flood(SOME)
    machine.pass_(10)
    assert machine.hear("feed", go=True)["outcome"] == "done"


def test_memory_does_not_grow_with_what_comes():
    flood(200)
    tracemalloc.start()
    machine = flood(SOME, pace_s=0)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 1_000_000
    assert machine.desk.remembered <= MOST_REMEMBERED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(sorted(COMMANDS)), st.binary(max_size=200) | JSON.map(lambda held: json.dumps(held).encode()))
def test_bytes_of_any_kind_neither_raise_nor_act(name, payload):
    machine = Commanded()
    assert machine.hear_bytes(name, payload) is None
    assert machine.acts == 0


@given(
    st.sampled_from(sorted(set(COMMANDS) - {"check-update"})),
    st.dictionaries(st.sampled_from(["id", "expires_utc", "go", "label", "track_id", "alarm", "on"]), JSON, min_size=1),
)
def test_a_good_command_with_any_field_exchanged_acts_only_where_it_is_still_good(name, exchanged):
    machine = Commanded()
    answer = machine.hear(name, **(GOOD[name] | exchanged))
    assert machine.acts <= (answer is not None)
    assert machine.desk.counts.done == (answer is not None and answer["outcome"] == "done") <= machine.acts
    assert len(machine.box.messages) <= machine.acts


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_topic_of_any_kind_is_nobodys_command(user, name):
    machine = Commanded()
    payload = json.dumps({"id": "c1", "expires_utc": "2026-01-01T12:00:30Z", "go": False}).encode()
    if (user, name) != ("anna", "feed"):
        machine.desk.hear(f"{ROOT}/cmd/{user}/{name}", payload, False, 1)
        assert machine.acts == 0
