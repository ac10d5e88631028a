from pathlib import Path

import pytest

from edge.datapath import UNKNOWN
from edge.errors import ProfileFault, UsageFault
from sim.conveyor import Limit
from sim.scenario import FOLDER, Rush, ScenarioFault, load_scenario, names, profile_of
from sim.setup import prepare

CLEAN = (FOLDER / "clean.toml").read_text()


def faults(tmp_path, text: str) -> list[str]:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(ScenarioFault) as caught:
        load_scenario(str(file))
    return str(caught.value).splitlines()


def test_a_scenario_may_change_settings_of_its_machine_and_no_others_than_there_are():
    safety = load_scenario("e-stop").model_copy(update={"machine": {"safety": {"e_stop_pin": 4}}})
    assert profile_of(safety, "e-stop")[1].safety.e_stop_pin == 4
    wrong = safety.model_copy(update={"machine": {"safety": {"stop_pin": 4}}})
    with pytest.raises(ProfileFault, match=r"demo.toml with \[machine\]: \[safety\] stop_pin = 4: unknown key"):
        profile_of(wrong, "e-stop")


def test_a_scenario_of_ones_own_may_have_the_name_of_the_one_that_it_extends(tmp_path: Path) -> None:
    (tmp_path / "clean.toml").write_text('extends = "clean"\n[feed]\npitch_mm = 130\n')
    assert load_scenario(str(tmp_path / "clean.toml")).feed.pitch_mm == 130


@pytest.mark.parametrize("name", names())
def test_every_scenario_that_exists_by_name_is_good_and_has_a_profile(name):
    scenario = load_scenario(name)
    assert scenario.name == name
    assert profile_of(scenario, name)[1].lanes


def test_clean_and_crowded_exist():
    assert {"clean", "crowded"} <= set(names())


def test_a_toml_file_works_in_place_of_a_name_and_brings_its_own_profile(tmp_path):
    profile = profile_of(load_scenario("clean"), "clean")[0].read_text()
    (tmp_path / "line.toml").write_text(profile.replace("speed_mm_s = 600", "speed_mm_s = 500"))
    file = tmp_path / "slow.toml"
    file.write_text(CLEAN.replace('profile = "demo"', 'profile = "line.toml"'))
    scenario = load_scenario(str(file))
    assert scenario.name == "slow"
    path, told = profile_of(scenario, str(file))
    assert (path, told.belt.speed_mm_s) == (tmp_path / "line.toml", 500)


@pytest.mark.parametrize("name", ["nowhere", "no/such/file.toml", "."])
def test_a_scenario_that_does_not_exist_is_named_with_those_that_do(name):
    with pytest.raises(UsageFault, match=r"no such scenario; there are .*clean"):
        load_scenario(name)


def test_every_fault_of_a_scenario_is_one_line_with_its_file_and_key(tmp_path):
    text = CLEAN.replace("gap_mm = 35", "gap_mm = -1").replace("slip_sd", "slip_std").replace("red = 1", "scarlet = 1")
    lines = faults(tmp_path, text)
    assert len(lines) == 3
    assert all("mine.toml: [" in line for line in lines)
    assert any("[feed] gap_mm = -1" in line for line in lines)
    assert any("slip_std" in line and "did you mean slip_sd" in line for line in lines)
    assert any("[feed.mix] scarlet" in line for line in lines)


def test_keys_that_do_not_go_together_are_faults(tmp_path):
    text = CLEAN.replace("length_mm = [50, 65]", "length_mm = [65, 50]").replace("touching = 0.0", "touching = 0.9")
    lines = faults(tmp_path, text.replace("paired = 0.0", "paired = 0.9"))
    assert any("length_mm = [65, 50]: the first must be at most the second" in line for line in lines)
    assert any("touching + paired = 1.8: must be at most 1" in line for line in lines)


def test_a_mix_of_nothing_is_a_fault(tmp_path):
    text = CLEAN
    for label in ("green", "turning", "red", "damaged"):
        text = text.replace(f"{label} = 1\n", f"{label} = 0\n")
    assert "at least one grade must be fed" in faults(tmp_path, text)[0]


def test_what_is_not_toml_is_one_line(tmp_path):
    assert len(faults(tmp_path, "feed = [")) == 1


def test_a_rush_changes_feed_and_steps_for_its_spell_alone():
    rushed = load_scenario("dense").model_copy(update={"rush": (Rush(from_s=2, to_s=4, feed=2.0, slow=3.0),)})
    assert [rushed.feed_factor(s) for s in (1.9, 2.0, 3.9, 4.0)] == [1, 2, 2, 1]
    assert [rushed.slow_factor(s) for s in (1.9, 2.0, 3.9, 4.0)] == [1, 3, 3, 1]


def test_a_rush_that_ends_before_it_begins_is_a_fault(tmp_path):
    (line,) = faults(tmp_path, CLEAN + "\n[[rush]]\nfrom_s = 5\nto_s = 4\n")
    assert "[[rush]] 0: to_s = 4: must be above from_s = 5" in line


def test_a_new_cultivar_comes_on_to_the_line_and_no_other_scenario_loads_it():
    for name, expected in (("new-cultivar", 30), ("clean", 0)):
        setup = prepare(name, seed=1, limit=Limit(10), perception="truth")
        assert len(setup.skins.get(UNKNOWN, [])) == expected
