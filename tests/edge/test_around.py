from edge.around import Around, Surroundings

S = 1_000_000_000


def seen(*looks, ended=None):
    """What is told of looks at (second, throttled, online, recording)."""
    told = []
    around = Around(told.append, ended)
    for at_s, throttled, online, recording in looks:
        around.look(at_s * S, Surroundings(throttled=throttled, online=online, recording=recording))
    return [(incident.code, incident.state, incident.at_ns // S) for incident in told]


def test_a_computer_that_throttles_is_told_of_once_and_cleared():
    looks = [(1, False, None, None), (2, True, None, None), (3, True, None, None), (4, False, None, None)]
    assert seen(*looks) == [("throttled", "raised", 2), ("throttled", "cleared", 4)]


def test_a_broker_that_is_away_is_told_of_after_five_seconds():
    looks = [(1, False, False, None), (3, False, False, None), (6, False, False, None), (8, False, True, None)]
    assert seen(*looks) == [("broker_away", "raised", 6), ("broker_away", "cleared", 8)]
    assert seen((1, False, True, None), (2, False, False, None), (6, False, True, None)) == []


def test_a_black_box_that_cannot_write_is_told_of():
    looks = [(1, False, None, True), (2, False, None, False), (3, False, None, True)]
    assert seen(*looks) == [("not_recorded", "raised", 2), ("not_recorded", "cleared", 3)]


def test_a_machine_without_broker_and_recorder_misses_neither():
    assert seen(*((at_s, False, None, None) for at_s in range(20))) == []


def test_a_disk_that_takes_no_messages_and_a_processor_that_is_taken_are_told_of():
    told = []
    around = Around(told.append)
    for at_s, well in enumerate((True, False, True)):
        around.look(at_s * S, Surroundings(saving=well, starved=not well))
    assert [(incident.code, incident.at_ns // S) for incident in told] == [
        *(("starved", 1), ("not_saved", 1)),
        *(("starved", 2), ("not_saved", 2)),
    ]


def test_a_run_that_was_killed_is_told_of_by_the_next_one_for_a_minute():
    looks = [(at_s, False, None, None) for at_s in range(100)]
    assert seen(*looks, ended="was killed") == [("restarted", "raised", 0), ("restarted", "cleared", 60)]
