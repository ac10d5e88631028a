"""What befalls the machine's people, its processes and the computer that they run on. Every run ends sorting again, and
`Staged` holds each to it that no fruit fell into an outlet by itself."""

import pytest

from edge.incidents import CATALOGUE
from edge.trace.store import segments
from sim.faults import FaultSpan
from tests.scenarios.staged import Staged, cleared, message, raised

RESTART_S = 1.5
"""From the end of a process until its successor has decided a fruit: a rest, a start, and the length of the picture."""


def sorts_again(run: Staged, by_s: float) -> None:
    assert run.safe[-1][1] is not None and run.safe[-1][1] <= by_s
    later = run.fates(run.safe[-1][1] + 2.5, 100.0)
    assert later.get("right", 0) > 20
    assert set(later) <= {"right"}


def while_safe(run: Staged) -> set[str]:
    """What became of the fruit that left the belt in the middle of the safe state, gates having had time to shut."""
    ((from_s, to_s),) = run.safe
    return set(run.fates(from_s + 0.2, to_s))


def test_an_emergency_stop_holds_every_gate_from_its_press_to_its_release():
    run = Staged("e-stop", seconds=22)
    ((from_s, to_s),) = run.safe
    assert 0 <= from_s - 10.0 <= 0.020
    assert 0 <= to_s - 13.0 <= 0.100
    assert 0 <= raised(run, "e_stop")[0] - 10.0 <= 0.100
    assert 0 <= cleared(run, "e_stop")[0] - 13.0 <= 0.200
    assert "release the button" in message("e_stop")
    assert while_safe(run) == {"held"}
    sorts_again(run, 13.1)


def test_a_main_process_that_is_killed_takes_its_gates_along_at_once_and_comes_back():
    run = Staged("main-killed", seconds=22)
    assert run.safe[0][0] == 10.0
    assert while_safe(run) == {"held"}
    assert [said["state"] for said in run.said("sorter.status")] == ["online", "offline", "online", "stopped"]
    assert len({said["run_id"] for said in run.said("sorter.status")}) == 2
    assert 10.0 < raised(run, "restarted")[0] <= 10.0 + RESTART_S
    assert "its last run was killed" in message("restarted", ended="was killed")
    assert [said["name"] for said in run.said("sorter.alarm")] == ["restarted"]
    sorts_again(run, 10.0 + RESTART_S)


def test_a_main_process_that_hangs_is_missed_within_100_ms_and_killed_by_its_watchdog():
    run = Staged("main-hung", seconds=22)
    assert 10.0 < run.safe[0][0] <= 10.100
    assert while_safe(run) == {"held"}
    assert 11.0 < raised(run, "restarted")[0] <= 11.0 + RESTART_S
    sorts_again(run, 11.0 + RESTART_S)


def test_a_main_process_that_goes_on_after_a_pause_finds_its_gates_gone_and_says_so():
    run = Staged("clean", seconds=22, faults=[FaultSpan(name="main-hung", from_s=10.0, to_s=10.3)])
    assert 10.0 < run.safe[0][0] <= 10.100
    assert 10.3 <= raised(run, "gates_lost")[0] <= 10.32
    sorts_again(run, 10.3 + RESTART_S)


def test_a_gate_process_that_is_killed_drops_its_lines_at_once_and_main_ends_with_it():
    run = Staged("gates-killed", seconds=22)
    assert 10.0 <= raised(run, "gates_lost")[0] <= 10.030
    assert "starts again by itself" in message("gates_lost")
    assert while_safe(run) == {"held"}
    sorts_again(run, 10.0 + RESTART_S)


def test_a_gate_process_that_hangs_is_missed_within_100_ms_and_a_step_and_killed():
    run = Staged("gates-hung", seconds=22)
    assert 10.100 <= raised(run, "gates_lost")[0] <= 10.150
    assert run.safe[0][0] == raised(run, "gates_lost")[0]
    assert while_safe(run) == {"held"}
    sorts_again(run, 10.150 + RESTART_S)


def test_a_power_cut_releases_every_gate_at_once_and_the_machine_comes_back_by_itself():
    run = Staged("power-cut", seconds=32)
    assert run.safe[0][0] == 10.0
    assert while_safe(run) == {"held"}
    assert 12.0 < raised(run, "restarted")[0] <= 12.0 + 12.0 + 1.0
    assert "its last run lost its power" in message("restarted", ended="lost its power")
    sorts_again(run, 12.0 + 12.0 + 1.0)


def test_a_wall_clock_that_is_set_moves_nothing_but_the_time_of_the_messages():
    plain, stepped = Staged("clean", seconds=17), Staged("clock-step", seconds=17)
    other = {"scenario": "", "faults": [], "wall_s": 0}
    assert stepped.report | other == plain.report | other
    assert [fate for _, _, fate in stepped.falls] == [fate for _, _, fate in plain.falls]
    assert {said["ts_utc"][11:13] for said in stepped.said("sorter.")} == {"00", "01"}


def test_a_broker_that_is_away_costs_no_fruit_and_no_message():
    run, plain = Staged("broker-down", seconds=30), Staged("clean", seconds=30)
    assert 10.0 < raised(run, "broker_away")[0] <= 16.0
    assert 25.0 <= cleared(run, "broker_away")[0] <= 26.0
    assert "what waits is sent then" in message("broker_away")
    assert run.safe == []
    assert run.report["fates"] == plain.report["fates"]
    tracks = [said["track_id"] for said in run.said("sorter.track")]
    assert len(tracks) == len(set(tracks)) == run.report["fruit"]


@pytest.mark.parametrize("name", ["gil-hog", "cpu-hog"])
def test_a_hog_costs_slack_and_never_a_fruit(name):
    run = Staged(name, seconds=22)
    assert 10.0 < raised(run, "starved")[0] <= 12.5
    assert 15.0 < cleared(run, "starved")[0] <= 17.5
    assert {code for code, _, _ in run.incidents} == {"starved"}
    assert "see what else this computer runs" in message("starved")
    assert run.safe == []
    assert run.report["pulses"] == {"fired": run.report["fruit"], "late": 0, "refused": 0}
    assert run.report["fates"]["right"] == run.report["fruit"]


def test_a_computer_that_throttles_says_so_and_stays_within_its_deadlines():
    run = Staged("throttling", seconds=24, service_time="pi4")
    assert 10.0 <= raised(run, "throttled")[0] <= 11.1
    assert 20.0 <= cleared(run, "throttled")[0] <= 21.1
    assert "cool it" in message("throttled")
    assert run.safe == []
    assert run.report["pulses"]["late"] == 0
    assert run.report["fates"]["right"] == run.report["fruit"]


@pytest.mark.slow
def test_a_throttled_computer_has_the_belt_slowed_before_it_must_shed_fruit():
    run = Staged("derating", seconds=20, service_time="pi4")
    assert [code for code, _, _ in run.incidents] == ["throttled", "throttled"]
    assert run.safe == []
    assert run.report["sim_s"] > 20 + 4  # as much belt, half as fast for eight seconds
    spent = run.fates(0.0, 40.0)
    assert spent["right"] >= 0.98 * run.report["fruit"]
    assert set(spent) <= {"right", "unsure"}
    bare = Staged("dense", seconds=20, service_time="pi4", faults=[FaultSpan(name="throttling", from_s=8, to_s=16)])
    assert bare.report["fates"]["shed"] > 50 and raised(bare, "overload")


@pytest.mark.slow
def test_a_full_disk_costs_the_recording_and_nothing_else(tmp_path):
    run = Staged("disk-full", seconds=14, perception="pixels", record=tmp_path)
    assert 6.0 < raised(run, "not_recorded")[0] <= 10.0
    assert 12.0 < cleared(run, "not_recorded")[0] <= 15.5
    assert "make room" in message("not_recorded")
    assert run.safe == []
    (folder,) = tmp_path.iterdir()
    numbers = [held.number for held in segments(folder)]
    assert len(numbers) > 3
    assert 2 <= numbers[-1] + 1 - len(numbers) <= 4


def test_a_full_disk_costs_no_message_though_the_broker_is_away_too():
    run = Staged("disk-full", seconds=20)
    assert 6.0 < raised(run, "not_saved")[0] <= 9.0
    assert 12.0 < cleared(run, "not_saved")[0] <= 18.0
    assert "make room" in message("not_saved")
    assert run.safe == []
    tracks = [said["track_id"] for said in run.said("sorter.track")]
    assert len(tracks) == len(set(tracks)) == run.report["fruit"]


@pytest.mark.slow
def test_a_feed_that_waits_sheds_less_of_an_overload_and_loses_no_fruit():
    free, held = (Staged(name, seconds=28, service_time="pi4") for name in ("overload", "held-feed"))
    assert held.report["fruit"] == free.report["fruit"]
    assert held.report["fates"]["shed"] < 0.7 * free.report["fates"]["shed"]


def test_every_message_of_these_names_a_remedy():
    for code in ("e_stop", "gates_lost", "throttled", "broker_away", "not_recorded"):
        assert CATALOGUE[code].remedy in message(code)
