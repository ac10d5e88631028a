import io
import math
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from sim.screen import outlets_in_order, purity, screen
from sim.view import BrokerSeen, FruitSeen, Spread, View, ViewState, export_svg
from tests.sim.view_states import ROUTE, a_busy_state

SECOND_NS = 1_000_000_000


def drawn(state: ViewState, width: int, height: int | None = None) -> list[str]:
    console = Console(width=width, file=io.StringIO(), record=True, force_terminal=True)
    console.print(screen(state, width, height))
    return console.export_text().splitlines()


def plain(state: ViewState, ticks: list[float], change=lambda at_s: None) -> list[str]:
    stream = io.StringIO()
    with View(state, Console(file=stream, width=80)) as view:
        for at_s in ticks:
            change(at_s)
            view.tick(round(at_s * SECOND_NS))
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 100, 110, 120, 200])
@pytest.mark.parametrize("state", [ViewState(), a_busy_state()], ids=["empty", "busy"])
def test_no_line_is_wider_than_the_terminal(width, state):
    assert max(map(cell_len, drawn(state, width))) <= width


@pytest.mark.parametrize("width", [80, 120])
def test_everything_fits_the_usual_terminal_of_24_rows(width):
    assert len(drawn(a_busy_state(), width, 24)) <= 24


def test_a_taller_terminal_shows_more_events():
    state = a_busy_state()
    assert len(drawn(state, 80, 40)) > len(drawn(state, 80, 24))


@pytest.mark.parametrize("width", [80, 120])
def test_the_screen_says_what_a_person_asks(width):
    text = "\n".join(drawn(a_busy_state(), width))
    for told in (
        "clean",
        "sorting",
        "01:23",
        "factory@3f9c21a0b7de",
        "99.1%",
        "10.0/s",
        "0.1 / 0.4 ms",
        "21.4 / 38.0 ms",
        "1,369",
        "mosquitto_sub -h 127.0.0.1 -p 1883 -t 'sorter/v1/#' -v",
    ):
        assert told in text, told
    assert "…" not in text


def test_fruit_gates_and_grades_can_be_told_without_colour():
    state = a_busy_state()
    text = "\n".join(drawn(state, 120))
    assert [text.count(f"█{letter}█") for letter in "RGTD?"] == [5, 4, 4, 4, 1]  # one T is the outlet of a red
    assert text.count("▲G▲") == 1
    assert text.count("▼D▼") == 1
    assert text.count("[R]") == 2


def test_a_fruit_sent_where_it_does_not_belong_carries_that_outlets_letter():
    state = ViewState(route=ROUTE, fruit=[FruitSeen(0, 300, "red", "green")])
    rows = drawn(state, 120)
    (middle,) = (n for n, row in enumerate(rows) if "█R█" in row)
    assert "█G█" in rows[middle + 1]


def test_fruit_beyond_the_belts_ends_are_cut_not_wrapped():
    state = ViewState(fruit=[FruitSeen(0, x_mm, "red") for x_mm in (-500.0, -20.0, 990.0, 5_000.0)])
    assert max(map(cell_len, drawn(state, 80))) <= 80


def test_the_safe_state_and_a_lost_broker_are_said_in_words():
    state = a_busy_state()
    state.device, state.broker, state.restarts = "safe", BrokerSeen(), 1
    text = "\n".join(drawn(state, 80))
    assert "safe" in text
    assert "restarts 1" in text
    assert "no broker: the line sorts on" in text
    state.broker = BrokerSeen("mosquitto 2.0.18", online=False)
    assert "mosquitto 2.0.18 (not connected)" in "\n".join(drawn(state, 80))


def test_nothing_measured_yet_is_a_dash_and_not_nan():
    text = "\n".join(drawn(ViewState(), 80))
    assert "nan" not in text
    assert math.isnan(Spread().p50_ms)


def test_outlets_stand_in_the_order_of_their_gates_and_all_of_them_from_the_start():
    state = a_busy_state()
    state.outlets = {"end": {"unknown": 1}, "damaged": {"damaged": 1}}
    assert list(outlets_in_order(state)) == ["red", "turning", "green", "damaged", "end"]
    assert "turning" in "\n".join(drawn(state, 80))


def test_purity_is_the_share_whose_true_label_belongs_there():
    assert purity({"red": 3, "green": 1}, "red", ROUTE) == 0.75
    assert purity({"unknown": 2, "red": 2}, "end", ROUTE) == 0.5
    assert math.isnan(purity({}, "red", ROUTE))


def test_without_a_terminal_a_line_comes_every_few_seconds_and_one_at_the_end():
    lines = plain(a_busy_state(), [n / 10 for n in range(101)])
    status = [line for line in lines if "fruit/s" in line]
    assert len(status) == 4
    assert "red 344 (99.1% pure)" in status[0]
    assert "\x1b" not in "".join(lines)


def test_without_a_terminal_every_event_is_said_once_as_it_comes():
    state = ViewState()

    def change(at_s: float) -> None:
        state.elapsed_s = at_s
        if at_s in (1, 3):
            state.say("first verdict" if at_s == 1 else "device restarted")

    lines = plain(state, [0, 1, 2, 3, 4], change)
    assert [line for line in lines if "fruit/s" not in line] == [
        "    1.0 s  first verdict",
        "    3.0 s  device restarted",
    ]


def test_on_a_terminal_the_last_screen_stays():
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80, height=24)
    with View(a_busy_state(), console) as view:
        view.tick(0)
    after = stream.getvalue().split("\x1b[?1049l")[-1]
    assert "where they fell" in after


def test_the_picture_for_the_readme_fetches_nothing(tmp_path):
    export_svg(a_busy_state(), tmp_path / "line.svg")
    picture = (tmp_path / "line.svg").read_text(encoding="utf-8")
    assert picture.startswith("<svg")
    assert not re.search(r"(url\(|href=)[\"']?https?:", picture)
    assert "mosquitto_sub" in picture.replace("&#160;", " ")
