from pathlib import Path

import pytest

from edge.errors import UsageFault
from sim.conveyor import Limit
from sim.newcomers import Newcomer
from sim.scenario import ScenarioFault, load_scenario
from sim.setup import prepare
from sim.truth import FruitDraws
from tests.sim.worlds import skins

CLEAN = 'extends = "clean"\n'


def drawn(*newcomers: Newcomer, seconds: int = 300):
    """Of one lane, two fruit a second: (feed's second, skin)."""
    plain = load_scenario("clean")
    scenario = plain.model_copy(update={"newcomer": newcomers})
    setup = prepare("clean", seed=1, limit=Limit(10), perception="truth")
    draws = FruitDraws(setup.profile, scenario, 1, skins("green", "red", each=3))
    return [(n / 2, draws.draw(0, n, None, n / 2)) for n in range(2 * seconds)]


def test_a_newcomer_comes_in_its_time_alone_and_is_its_share_of_the_fruit_then():
    ids = {truth.skin.skin_id for _, truth in drawn()}
    new = sorted(ids)[0]
    found = drawn(Newcomer(fruit=(new,), label="red", share=0.3, from_s=100, to_s=200))
    came = [at_s for at_s, truth in found if truth.skin.skin_id == new]
    assert all(100 <= at_s < 200 for at_s in came)
    assert 0.2 < len(came) / 200 < 0.4


def test_all_else_of_the_fruit_is_as_without_the_newcomer():
    new = sorted({truth.skin.skin_id for _, truth in drawn()})[0]
    one, two = (drawn(Newcomer(fruit=(new,), label="red", share=share, from_s=100, to_s=200)) for share in (0.01, 1.0))
    assert [(a.length_mm, a.y_mm, a.slip, a.phase) for _, a in one] == [
        (b.length_mm, b.y_mm, b.slip, b.phase) for _, b in two
    ]


def test_the_scenario_says_what_a_newcomer_truly_is(tmp_path: Path):
    varieties = prepare("new-cultivar", seed=1, limit=Limit(10), perception="truth").skins["unknown"]
    new = varieties[0].skin_id
    path = tmp_path / "coming.toml"
    path.write_text(f'{CLEAN}[[newcomer]]\nfruit = ["{new}"]\nlabel = "turning"\nshare = 0.5\n', encoding="utf-8")
    found = prepare(str(path), seed=1, limit=Limit(10), perception="truth").skins
    assert new in {skin.skin_id for skin in found["turning"]}
    assert "unknown" not in found


def test_a_newcomer_that_is_not_there_is_named(tmp_path: Path):
    path = tmp_path / "coming.toml"
    path.write_text(f'{CLEAN}[[newcomer]]\nfruit = ["turntable/X"]\nlabel = "red"\nshare = 0.5\n', encoding="utf-8")
    with pytest.raises(UsageFault, match=r"builtin: no turntable/X"):
        prepare(str(path), seed=1, limit=Limit(10), perception="truth")


def test_a_newcomer_that_leaves_before_it_comes_is_a_fault(tmp_path: Path):
    path = tmp_path / "coming.toml"
    text = '[[newcomer]]\nfruit = ["a"]\nlabel = "red"\nshare = 0.5\nfrom_s = 5\nto_s = 4\n'
    path.write_text(CLEAN + text, encoding="utf-8")
    with pytest.raises(ScenarioFault, match=r"\[\[newcomer\]\] 0: to_s = 4: must be above from_s = 5"):
        load_scenario(str(path))
