import json
import random
from dataclasses import replace

import pytest

from edge.cli import main
from edge.errors import UsageFault
from edge.line import Counts
from sim.fast import FastRun
from sim.scenario import Rush
from sim.service import ServedLine, ServiceTimes, load_service_times
from tests.sim.worlds import scenario, setup, skins

STEADY = ServiceTimes("steady", 10.0, 2.0, (0.0, 1.0), (1.0, 1.0))


def run(name="dense", fruit=200, service=STEADY, rush=(), seed=1):
    chosen = scenario(name).model_copy(update={"rush": rush})
    return FastRun(replace(setup(chosen, seed=seed, fruit=fruit, fed=skins(each=3)), service=service))


def aim_faults(report):
    return sum(report["fates"][fate] for fate in ("misdirected", "collateral", "late"))


def test_a_step_takes_a_frames_time_and_each_looks():
    assert STEADY.draw_ns(random.Random(1), 1, 3) == 16_000_000
    assert STEADY.draw_ns(random.Random(1), 0, 0) == 0


def test_drawn_times_have_the_tables_median_and_tail():
    pi4 = load_service_times("pi4")
    assert pi4 is not None
    draw = random.Random(1)
    drawn = sorted(pi4.draw_ns(draw, 0, 1) / 1e6 for _ in range(4000))
    assert drawn[2000] == pytest.approx(pi4.look_ms, rel=0.02)
    assert drawn[3600] == pytest.approx(1.15 * pi4.look_ms, rel=0.02)
    assert 0.85 * pi4.look_ms <= drawn[0] < drawn[-1] <= 4 * pi4.look_ms


def test_a_pi_4_is_slower_than_a_pi_5_in_both_parts():
    pi4, pi5 = load_service_times("pi4"), load_service_times("pi5")
    assert pi4.frame_ms > pi5.frame_ms > 0
    assert pi4.look_ms > pi5.look_ms > 0


def test_the_figures_of_the_pipeline_bench_take_the_tables_place(tmp_path):
    path = tmp_path / "mine.json"
    stages = {"detect": 3.0, "grade": 16.0, "track_and_decide": 1.0}
    path.write_text(json.dumps({"cases": [{"frame": "640x480", "fruit": 8, "stages_ms": stages}]}))
    mine = load_service_times(str(path))
    assert (mine.frame_ms, mine.look_ms) == (4.0, 2.0)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cases": []}', '{"cases": [{"stages_ms": {"detect": 1}}]}'])
def test_another_file_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(UsageFault, match="not the figures of sorter bench pipeline"):
        load_service_times(str(path))


def test_an_unknown_machine_and_a_live_run_are_refused_in_one_line(capsys):
    assert main(["sim", "--fast", "--service-time", "pi9"]) == 2
    assert main(["sim", "--service-time", "pi4"]) == 2
    pi9, live = capsys.readouterr().err.splitlines()
    assert "--service-time pi9: must be none, pi4, pi5, or a bench's FILE.json" in pi9
    assert "add --fast" in live


def test_a_verdict_is_out_when_its_steps_time_is_over():
    prompt, slow = run(service=None).run(), run().run()
    assert slow["latency_ms"]["p50"] > prompt["latency_ms"]["p50"]
    assert slow["slack_ms"]["min"] < prompt["slack_ms"]["min"] - 10
    assert slow["fates"]["right"] >= 198


def test_slow_steps_cost_slack_and_looks_but_never_aim():
    made = run(service=load_service_times("pi4"), fruit=300)
    report = made.run()
    assert aim_faults(report) == 0
    assert report["fates"]["shed"] == 0
    assert report["pulses"]["fired"] >= 0.9 * 300
    assert made.line.counts.looks / 300 >= 3


def test_a_slow_run_comes_out_the_same_twice():
    first, second = (run().run() | {"wall_s": 0} for _ in range(2))
    assert first == second


class Told:
    """A gate link that keeps what it is told, and a line whose one step tells it."""

    def __init__(self):
        self.heard = []
        self.counts = Counts()
        self.served_ns = 0

    def beat(self):
        self.heard.append("beat")

    def submit(self, pulse):
        self.heard.append(pulse)

    def scale(self, scale_ppm):
        self.heard.append(scale_ppm)

    def hold(self, held):
        self.heard.append(held)

    def put(self, record):
        self.heard.append(record)


def test_whatever_a_step_says_is_heard_when_its_time_is_over_and_in_its_order():
    told = Told()
    served = ServedLine(STEADY, random.Random(1), lambda now_ns: 1.0, told, told, told)

    def step(now_ns):
        told.counts.frames += 1
        served.submit("pulse")
        served.scale(1_050_000)
        served.submit("another pulse")
        served.put("record")
        return now_ns + 1_000_000_000

    ended_ns = served.serve(told, step)(0)
    assert (ended_ns, told.heard) == (10_000_000, [])
    served.step(ended_ns)
    assert told.heard == ["record", "pulse", 1_050_000, "another pulse"]


def test_a_line_that_beats_in_mid_step_is_heard_as_often_while_its_time_runs():
    told = Told()
    served = ServedLine(STEADY, random.Random(1), lambda now_ns: 1.0, told, told, told)

    def step(now_ns):
        told.counts.frames += 1
        for _ in range(4):
            served.beat()
        return now_ns + 1_000_000_000

    wakes, told_at = [served.serve(told, step)(0)], []
    told.heard.clear()
    while wakes[-1] < 10_000_000:
        wakes.append(served.step(wakes[-1]))
        told_at += [wakes[-2]] * len(told.heard)
        told.heard.clear()
    assert told_at == [2_500_000, 5_000_000, 7_500_000]


RUSH = (Rush(from_s=1.0, to_s=3.0, slow=6.0),)


@pytest.mark.slow
def test_overload_sheds_fruit_to_the_belts_end_and_ends_within_two_seconds():
    made = run(service=load_service_times("pi4"), fruit=400, rush=RUSH)
    tracks, metrics = [], []
    made.broker.subscribe(
        lambda topic, payload: (tracks if topic.endswith("tracks") else metrics).append(json.loads(payload))
    )
    report = made.run()
    assert aim_faults(report) == 0
    assert report["fates"]["shed"] > 20
    assert report["fates"]["right"] + report["fates"]["shed"] + report["fates"]["unsure"] == 400
    shed = [track["ts_utc"] for track in tracks if track["reason"] == "shed"]
    assert all(track["outlet"] == "end" and track["gate"] is None for track in tracks if track["reason"] == "shed")
    told = [(said["code"], said["state"]) for said in report["incidents"]]
    assert told[0] == ("overload", "raised")
    assert told[-1] == ("overload", "cleared")
    assert "1970-01-01T00:00:01" < min(shed) < max(shed) < "1970-01-01T00:00:05"


def test_before_any_fruit_is_shed_no_fruit_gets_more_looks_than_it_needs():
    busy = run(service=load_service_times("pi4"), fruit=300, rush=(Rush(from_s=0, to_s=60, slow=1.6),))
    report = busy.run()
    assert report["fates"]["shed"] < 30
    assert busy.line.counts.looks / 300 < 3.2
