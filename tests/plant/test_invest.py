"""Where to invest, on plants whose best investment is known."""

import json
from pathlib import Path

import pytest

from edge.cli import main
from edge.errors import UsageFault
from plant.invest.basis import Basis, basis
from plant.invest.options import Option, options
from plant.invest.posterior import known
from plant.invest.trained import pictures
from plant.report.asking import preface
from tests.evidence.plantledger import entries
from tests.evidence.plants import PLANTS
from tests.plant.report.pretend import Pretended, write

CROWD = next(world for world in PLANTS if world.name == "crowd")


@pytest.fixture(scope="module")
def crowd() -> Basis:
    held = list(entries(CROWD, 1, 1_000, audit=0.2))
    words = preface(iter(held)).words
    return basis(held, words)


@pytest.fixture(scope="module")
def ranked(crowd: Basis) -> dict[str, Option]:
    return {one.name: one for one in options(crowd, known(crowd), {})}


@pytest.mark.slow
def test_where_fruit_crowd_each_other_out_faster_gates_come_first(ranked: dict[str, Option]) -> None:
    assert next(iter(ranked)) == "gates"
    assert any(f"below {ms} ms" in ranked["gates"].why for ms in range(73, 78))


@pytest.mark.slow
def test_what_would_help_nothing_is_worth_nothing(ranked: dict[str, Option]) -> None:
    assert ranked["fruit-per-s"].value == 0
    assert ranked["fruit-per-s"].why == "no fruit was shed: the machine keeps up"
    assert ranked["lamp"].interval[0] == ranked["lamp"].sure == 0


@pytest.mark.slow
def test_every_investment_that_was_asked_for_is_there_with_its_reason(ranked: dict[str, Option]) -> None:
    grades = ("green", "turning", "red", "damaged")
    wanted = {"fruit-per-s", "gates", "lamp", "inspector"} | {
        f"{what}-{g}" for what in ("recall", "pictures") for g in grades
    }
    assert set(ranked) == wanted
    assert all(one.why and one.interval[0] <= one.value <= one.interval[1] for one in ranked.values())


@pytest.mark.slow
def test_recall_cannot_rise_beyond_what_goes_astray(crowd: Basis) -> None:
    found = known(crowd)
    at = found.of("red")
    astray = 1 - found.shares[:, at, int(found.own[at])] / found.mix[:, at]
    recall = next(one for one in options(crowd, found, {}) if one.name == "recall-red")
    spread = float(
        (found.worth[at, int(found.own[at])] - found.worth[at].min()) * (found.fruit * found.mix[:, at]).max()
    )
    assert recall.draws.max() <= min(0.01, float(astray.max())) * spread


@pytest.mark.slow
def test_known_numbers_of_pictures_narrow_what_more_would_bring(crowd: Basis) -> None:
    found = known(crowd)
    vague, told = (
        next(one for one in options(crowd, found, trained) if one.name == "pictures-red").interval
        for trained in ({}, {"red": 2_000.0})
    )
    assert told[1] - told[0] < vague[1] - vague[0]


def test_the_command_prints_writes_and_ranks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = write(Pretended(fruit=600, audit=0.3).entries(), tmp_path / "history")
    asked = ["invest", "--history", str(history), "--out", str(tmp_path), "--json", str(tmp_path / "found.json")]
    assert main([*asked, "--trained", "red=1200"]) == 0
    said = capsys.readouterr().out
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))["options"]
    sure = [one["at_least"] for one in found]
    assert sure == sorted(sure, reverse=True)
    assert found[0]["what"] in said.splitlines()[1]
    page = (tmp_path / "invest.html").read_text(encoding="utf-8")
    assert "://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert found[0]["why"].split(",", maxsplit=1)[0] in page


def test_what_cannot_be_answered_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unjudged = write(Pretended(fruit=60, judged=0.0).entries(), tmp_path / "unjudged")
    worthless = write(Pretended(fruit=60, money={"worth": {}}).entries(), tmp_path / "worthless")
    for history, says in (
        (unjudged, "nobody has judged"),
        (worthless, r"[money.worth]"),
        (tmp_path / "none", "no ledger"),
    ):
        assert main(["invest", "--history", str(history)]) == 2
        said = capsys.readouterr().err.strip()
        assert says in said
        assert "\n" not in said


@pytest.mark.parametrize("said", ["red", "red=", "red=-1", "blue=3", "red=x"])
def test_a_number_of_pictures_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(UsageFault, match="LABEL=N"):
        pictures([said])
