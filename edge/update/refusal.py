"""Why a release is not taken: a word that programs read, and a line that people read."""

from typing import Literal

Why = Literal[
    "signature",  # a key that may not sign, or too few of those that may
    "expired",  # signed too long ago, or replayed until now: frozen
    "rolled-back",  # older than what was seen before, or a mix of old and new
    "altered",  # not the bytes that were signed
    "oversized",  # more bytes than were signed, or than any release has
    "slow",  # a stream that does not end in time
    "malformed",  # signed, and not what a release looks like
    "replayed",  # a channel's word that is older than one that was followed
    "clock",  # this computer's clock is not to be believed
    "machine-class",
    "runtime",
    "bundle",  # not whole, or this runtime cannot run it
    "self-test",
    "unsteady",  # the machine did not stay up on it
    "quality",  # it graded worse than what ran before
    "profile",  # a profile that is faulty, not this machine's, or with which it did not come up
    "disk",
    "attempts",  # this process died on it too often
]


class Refused(Exception):
    """A release that is not taken. Nothing that decides what runs was changed."""

    def __init__(self, why: Why, text: str) -> None:
        super().__init__(text)
        self.why = why


class Unreachable(Exception):
    """The releases cannot be had now: later, perhaps."""
