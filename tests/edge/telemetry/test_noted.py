"""What the ledger remembers of commands: who, what, about what; and nothing of those that only look."""

import pytest

from edge.telemetry.command_messages import Feed, Relabel, Watch
from edge.telemetry.noted import noted

ENVELOPE = {"id": "c-1", "expires_utc": "2026-06-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("label", "flag", "kind"),
    [("red", False, "label"), ("red", True, "label"), (None, False, "label"), (None, True, "flag")],
)
def test_a_word_about_a_fruit_carries_the_user_that_the_broker_proved(label, flag, kind) -> None:
    word = Relabel(**ENVELOPE, track_id="run.7", label=label, seconds=1.5, flag=flag)
    event = noted(word, "label", "maria", "noted", 9)
    assert event is not None
    assert (event.kind, event.who, event.about, event.at_ns) == (kind, "maria", "run.7", 9)
    assert event.said == {"label": label, "took_s": 1.5, "flag": flag, "command_id": "c-1"}


def test_a_command_says_what_was_asked_and_answered() -> None:
    event = noted(Feed(**ENVELOPE, go=False), "feed", "otto", "upstream is asked to stop", 9)
    assert event is not None
    assert (event.kind, event.about, event.said["go"]) == ("command", "feed", False)
    assert event.why == "upstream is asked to stop"


def test_who_only_looks_changes_nothing() -> None:
    assert noted(Watch(**ENVELOPE, on=True), "preview", "maria", "it is sent", 9) is None
