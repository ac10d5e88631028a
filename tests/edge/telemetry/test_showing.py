"""Kept pictures on their way to who asked: at a limited rate, and what commands do with them."""

import base64
import json
from collections import deque

from edge.kept import AskedList, AskedPictures, Chunk, Item, Listed, Person
from edge.telemetry.deeds import Deeds
from edge.telemetry.reporter import Reporter
from edge.telemetry.showing import BYTES_PER_S, Showing
from edge.wishes import Wishes
from tests.edge.telemetry.commanded import Commanded, Kept, OneAlbum
from tests.edge.telemetry.test_messages import a_writer

NS = 1_000_000_000


def a_chunk(size: int) -> Chunk:
    return Chunk(AskedPictures("anna", "c1", "run.1", 0), 0, size, "ab", bytes(size))


def test_pictures_go_at_a_limited_rate():
    album = OneAlbum()
    album.answers = deque([a_chunk(30_000) for _ in range(20)])
    showing, sent, now_ns = Showing(a_writer(), album), 0, NS
    while now_ns < 2 * NS:
        if message := showing.step(now_ns):
            sent += len(message.payload)
        now_ns += NS // 100
    assert 0.8 * BYTES_PER_S < sent < 1.2 * BYTES_PER_S


def test_a_part_says_to_whom_of_what_and_where_it_belongs():
    album = OneAlbum()
    album.answers = deque([a_chunk(3)])
    message = Showing(a_writer(), album).step(NS)
    said = json.loads(message.payload)
    assert message.topic.endswith("/pictures")
    assert (said["user"], said["id"], said["track_id"], said["offset"], said["total"]) == ("anna", "c1", "run.1", 0, 3)
    assert base64.b64decode(said["data"]) == bytes(3)


def test_a_list_says_what_to_judge_and_how_people_did():
    album = OneAlbum()
    item = Item("run.1", "audited", "2026-01-01T00:00:00Z", 9, "drawn for the audit")
    album.answers = deque([Listed(AskedList("anna", "c1", 5), (item,), 7, {"anna": Person(3, 0.8, 2, 1)})])
    said = json.loads(Showing(a_writer(), album).step(NS).payload)
    assert (said["items"][0]["why"], said["waiting"], said["people"]["anna"]["agreed"]) == ("audited", 7, 1)


def test_commands_reach_the_album_with_the_name_that_the_broker_proved():
    machine = Commanded()
    assert "on the topic review" in machine.hear("review", most=7)["text"]
    assert machine.hear("pictures", id="c2", track_id="run.7", offset=100)["outcome"] == "done"
    assert list(machine.album.asked) == [AskedList("anna", "c1", 7), AskedPictures("anna", "c2", "run.7", 100)]


def test_who_asks_for_too_much_is_refused():
    machine = Commanded()
    machine.album.full = True
    assert machine.hear("review", most=5)["outcome"] == "refused"


def test_a_label_says_how_long_the_person_took():
    machine = Commanded()
    machine.hear("label", track_id="run.7", label="damaged", seconds=0.9)
    (event,) = machine.box.messages
    assert json.loads(event.payload)["seconds"] == 0.9
    (word,) = machine.album.words
    assert (word.user, word.label, word.seconds, word.flag) == ("anna", "damaged", 0.9, False)


def test_a_flag_alone_is_no_label_and_takes_none_back():
    machine = Commanded()
    answer = machine.hear("label", track_id="run.7", label=None, flag=True)
    assert "flagged" in answer["text"]
    said = json.loads(machine.box.messages[0].payload)
    assert (said["label"], said["flag"]) == (None, True)
    assert not machine.wishes.labels


def test_a_time_that_nobody_takes_is_refused():
    machine = Commanded()
    assert machine.hear("label", track_id="run.7", label="red", seconds=-1)["outcome"] == "refused"


def test_a_machine_that_keeps_nothing_cannot_show_anything():
    box = Kept()
    assert {"review", "pictures"}.isdisjoint(Deeds(a_writer(), box, Reporter(a_writer(), box), Wishes()).actions())
