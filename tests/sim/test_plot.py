import struct
import sys

import pytest

from edge.cli import main
from sim.chronicle import Chronicle, Spell
from sim.fast import FastRun
from sim.faults import parse
from sim.plot import COLOURS, LETTERS, draw
from sim.scenario import with_faults
from sim.timeline import START_NS
from tests.sim.worlds import EXACT, scenario, setup

PNG = b"\x89PNG\r\n\x1a\n"


def chronicled(**chosen) -> tuple[Chronicle, object]:
    made = setup(**{"chosen": scenario(), "fruit": 30, **chosen})
    run = FastRun(made)
    chronicle = run.keep_chronicle()
    run.board.safe.append((3_000_000_000, 3_500_000_000))
    run.run()
    return chronicle, made


def test_every_fruit_is_in_the_chronicle_with_where_and_when_it_left():
    chronicle, _ = chronicled()
    assert len(chronicle.passages) == 30
    for passage in chronicle.passages:
        assert passage.from_ns < passage.decided_ns < passage.left_ns
        assert 0 < passage.decided_mm < passage.left_mm


def test_a_fruit_that_a_gate_took_left_while_that_gate_was_open():
    chronicle, _ = chronicled()
    taken = [passage for passage in chronicle.passages if passage.gate]
    assert len(taken) > 20
    for passage in taken:
        assert any(opened <= passage.left_ns <= shut for opened, shut in chronicle.opened(passage.gate))


def test_spells_in_the_safe_state_and_faults_are_told():
    spans = ["broker-down@2-3", "camera-stall@1-1.01", "clock-step@900-901"]
    chosen = with_faults(scenario(), [parse(text) for text in spans])
    chronicle, _ = chronicled(chosen=chosen)
    assert [spell.name for spell in chronicle.spells] == ["camera-stall", "broker-down", "held"]
    assert chronicle.spells[1] == Spell("broker-down", START_NS + 2_000_000_000, START_NS + 3_000_000_000)


def test_a_fruit_that_travels_evenly_is_drawn_straight_and_one_that_stands_is_not():
    chosen = with_faults(scenario(), [parse("fruit-stuck@1-2.5")])
    chronicle, _ = chronicled(chosen=chosen)
    ways = [passage.way for passage in chronicle.passages]
    (stuck,) = (way for way in ways if len(way) > 2)
    assert len(ways) == 30
    assert sum(x_mm == pytest.approx(250, abs=1) for _, x_mm in stuck) > 10


def test_no_two_verdicts_share_a_letter_or_a_colour():
    assert len(set(LETTERS.values())) == len(LETTERS)
    assert len(set(COLOURS.values())) == len(COLOURS)
    assert set(COLOURS) < set(LETTERS)


@pytest.mark.slow
def test_a_run_with_mishaps_and_faults_is_drawn(tmp_path):
    chronicle, made = chronicled(
        chosen=with_faults(scenario(**EXACT | {"gate_x_mm": 150}), [parse("fruit-stuck@1-2")]), seed=2
    )
    assert any(passage.fate == "misdirected" for passage in chronicle.passages)
    draw(chronicle, made, tmp_path / "run.png")
    raw = (tmp_path / "run.png").read_bytes()
    width, height = struct.unpack(">II", raw[16:24])
    assert raw.startswith(PNG)
    assert width > 1000
    assert height > 700


@pytest.mark.slow
def test_the_command_draws_and_says_nothing_more(tmp_path, capsys):
    file = tmp_path / "run.png"
    assert main(["sim", "--fast", "--perception", "truth", "--fruit", "5", "--plot", str(file)]) == 0
    assert file.read_bytes().startswith(PNG)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "wrong", [["--fast", "--plot", "run.jpg"], ["--fast", "--plot", "/none/run.png"], ["--plot", "p.png"]]
)
def test_a_plot_that_cannot_be_made_is_refused_before_the_run(wrong, capsys):
    assert main(["sim", *wrong]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


class WithoutMatplotlib:
    """Finds everything but one library."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "matplotlib":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_without_matplotlib_one_line_says_what_installs_it(tmp_path, monkeypatch, capsys):
    for name in [name for name in sys.modules if name == "sim.plot" or name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [WithoutMatplotlib(), *sys.meta_path])
    assert main(["sim", "--fast", "--plot", str(tmp_path / "run.png")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("sorter: sim: needs matplotlib, which is not installed here: run `make sim`")
