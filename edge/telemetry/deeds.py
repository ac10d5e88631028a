"""What each command does on this machine: a wish for upstream, a word about a fruit or an alarm, a look at the line."""

from collections.abc import Callable, Mapping
from typing import Protocol

from edge.kept import Asked, AskedList, AskedPictures, Word
from edge.telemetry.command_messages import (
    Acknowledge,
    AskPictures,
    AskReview,
    CheckUpdate,
    Feed,
    LabelEvent,
    NameLot,
    Relabel,
    Watch,
)
from edge.telemetry.commands import Action, Answer
from edge.telemetry.header import OpenAlarm
from edge.telemetry.messages import Message, Writer
from edge.telemetry.showing import Album
from edge.wishes import Said, Wishes


class Box(Protocol):
    """Where events go that must not be lost: the outbox."""

    def put(self, message: Message) -> None: ...


class Alarms(Protocol):
    """The alarms that are raised."""

    def acknowledge(self, name: str, user: str) -> OpenAlarm | None:
        """Note and tell that somebody has seen it; returns None where it is not raised."""


class Deeds:
    """One run's. All methods belong to the thread that hears the broker."""

    def __init__(
        self,
        writer: Writer,
        box: Box,
        alarms: Alarms,
        wishes: Wishes,
        watch: Callable[[], None] | None = None,
        check: Callable[[], bool] | None = None,
        album: Album | None = None,
    ) -> None:
        """`watch` sends the preview for a while, `check` looks for a new release, `album` keeps pictures; None where
        there is none."""
        self._writer = writer
        self._box = box
        self._alarms = alarms
        self._wishes = wishes
        self._watch = watch
        self._check = check
        self._album = album

    def actions(self) -> Mapping[str, Action]:
        """By the command's name. A name that is absent cannot be done here."""
        doing: dict[str, Action] = {"feed": self._feed, "label": self._label, "acknowledge": self._acknowledge}
        doing |= {"lot": self._lot}
        doing |= {"preview": self._preview} if self._watch else {}
        doing |= {"review": self._review, "pictures": self._pictures} if self._album else {}
        return doing | ({"check-update": self._check_update} if self._check else {})

    def _feed(self, asked: Feed, user: str) -> Answer:
        self._wishes.feed_stopped = not asked.go
        if asked.go:
            return True, "upstream may feed again, as far as this machine can follow"
        return True, "upstream is asked to stop; the line sorts what is on the belt"

    def _label(self, asked: Relabel, user: str) -> Answer:
        header, track_id, label = self._writer.header(), asked.track_id, asked.label
        event = LabelEvent(
            **header,
            user=user,
            command_id=asked.id,
            track_id=track_id,
            label=label,
            seconds=asked.seconds,
            flag=asked.flag,
            defect=asked.defect,
        )
        self._box.put(self._writer.encode(event))
        if label:
            self._wishes.labels.append((track_id, label))
        if label or not asked.flag:
            self._wishes.said.append(Said(track_id, user, label))
        if self._album:
            self._album.say(Word(track_id, user, asked.id, header["ts_utc"], label, asked.seconds, asked.flag))
        if asked.flag and label is None:
            return True, f"{track_id} is flagged for people to judge"
        return True, f"{track_id} is noted as {label}" if label else f"{track_id}: taken back"

    def _lot(self, asked: NameLot, user: str) -> Answer:
        """The ledger has it from the command itself."""
        if asked.lot is None:
            return True, "the lot has ended; the fruit belong to none"
        return True, f"the fruit belong to lot {asked.lot} from now on"

    def _acknowledge(self, asked: Acknowledge, user: str) -> Answer:
        seen = self._alarms.acknowledge(asked.alarm, user)
        if seen is None:
            return False, f"{asked.alarm} is not raised"
        if seen.severity == "error":
            return True, "noted; the gates stay released until its cause is gone"
        return True, "noted; it clears when its cause is gone"

    def _preview(self, asked: Watch, user: str) -> Answer:
        if self._watch is None:
            return False, "this machine has no preview"
        if not asked.on:
            return True, "the preview ends within seconds, unless another watches"
        self._watch()
        return True, "the preview is sent for some seconds; ask again to go on"

    def _check_update(self, asked: CheckUpdate, user: str) -> Answer:
        if self._check is None or not self._check():
            return False, "this machine cannot look for releases now"
        return True, "it looks for a new release now; update tells what comes of it"

    def _review(self, asked: AskReview, user: str) -> Answer:
        return self._asked(AskedList(user, asked.id, asked.most, asked.judged, asked.after), "review")

    def _pictures(self, asked: AskPictures, user: str) -> Answer:
        return self._asked(AskedPictures(user, asked.id, asked.track_id, asked.offset), "pictures")

    def _asked(self, asked: Asked, topic: str) -> Answer:
        if self._album is None or not self._album.ask(asked):
            return False, "too much is asked for at once: wait a moment"
        return True, f"it comes on the topic {topic}"
