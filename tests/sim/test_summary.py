import io

from rich.console import Console

from sim.fast import FastRun
from sim.summary import plain, show
from tests.sim.worlds import scenario, setup, skins


def shown(**console) -> str:
    out = io.StringIO()
    report = FastRun(setup(scenario(), fed=skins("red", "green", each=6))).run()
    show(report, Console(file=out, width=100, **console))
    return out.getvalue()


def test_a_terminal_gets_tables_with_fates_outlets_and_physical_fruit():
    said = shown(force_terminal=True)
    for part in ("clean, seed 1: 40 fruit", "misdirected", "belt's end", "physical fruit", "unmeasured"):
        assert part in said


def test_a_pipe_gets_plain_lines():
    said = shown()
    assert "fates: 40 right" in said
    assert "damaged unmeasured" in said
    assert all(ord(letter) < 128 for letter in said)


def test_what_the_operator_was_told_and_what_is_counted_apart_stand_in_the_summary():
    report = FastRun(setup(scenario("wheel-slip"), fruit=120)).run()
    report["aim"]["stopped_at_gate"] = 2
    lines = plain(report)
    assert any("raised: encoder slips 5 %: check the wheel" in line for line in lines)
    assert "the belt stopped with 2 fruit at their gate: counted apart" in lines
