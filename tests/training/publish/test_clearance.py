import json
from pathlib import Path
from typing import Any

import pytest

from edge.bundle import FACTORY, load_bundle
from edge.cli import main
from edge.errors import ReleaseFault, UsageFault
from training.gate import criteria
from training.publish.clearance import Against, clear

BUNDLE = load_bundle(FACTORY)


def evaluation(folder: Path, bundle: str = BUNDLE.identity, **spoilt: Any) -> Path:
    """A report that meets every criterion but those spoilt, whose figures are as given; None leaves them out."""
    report: dict[str, Any] = {"bundle": bundle}
    for name, one in criteria().items():
        value = spoilt.get(name.replace("-", "_"), one.at_least if one.at_least is not None else one.at_most)
        if value is None:
            continue
        place = report
        *parents, last = one.figure.split(".")
        for key in parents:
            place = place.setdefault(key, {})
        place[last] = value
    folder.mkdir(exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report))
    return folder


def test_a_bundle_that_meets_every_criterion_is_cleared(tmp_path: Path) -> None:
    found = clear(BUNDLE, evaluation(tmp_path), [], [], None)
    assert found.waivers == ()
    assert len(found.evaluation_sha256 or "") == 64


@pytest.mark.parametrize(("figure", "told"), [(9, "lab-wrong 9, at most 3"), (None, "lab-wrong unmeasured")])
def test_one_criterion_that_is_not_met_holds_a_release_back(tmp_path: Path, figure: int | None, told: str) -> None:
    with pytest.raises(ReleaseFault, match=told):
        clear(BUNDLE, evaluation(tmp_path, lab_wrong=figure), [], [], None)


def test_without_an_evaluation_nothing_is_met() -> None:
    with pytest.raises(ReleaseFault, match=f"no --evaluation is given.*{len(criteria())} release criteria are not met"):
        clear(BUNDLE, None, [], [], None)


def test_a_waiver_says_what_was_found_and_who_waived_it_and_why(tmp_path: Path) -> None:
    folder = evaluation(tmp_path, lab_wrong=9, size=None)
    found = clear(BUNDLE, folder, ["lab-wrong", "size"], ["the lab's lamp was broken", "not weighed"], "quality")
    told = {(one.criterion, one.found, one.why, one.by) for one in found.waivers}
    assert told == {
        ("lab-wrong", "9, at most 3", "the lab's lamp was broken", "quality"),
        ("size", "unmeasured", "not weighed", "quality"),
    }


def test_a_waiver_covers_no_more_than_it_names(tmp_path: Path) -> None:
    folder = evaluation(tmp_path, lab_wrong=9, lab_damaged=9)
    with pytest.raises(ReleaseFault, match=r"1 release criteria are not met: lab-damaged"):
        clear(BUNDLE, folder, ["lab-wrong"], ["why"], "quality")
    both = clear(BUNDLE, folder, ["lab-wrong", "all"], ["the one", "the rest"], "quality").waivers
    assert {(one.criterion, one.why) for one in both} == {("lab-wrong", "the one"), ("lab-damaged", "the rest")}


@pytest.mark.parametrize(
    ("waived", "whys", "by", "told"),
    [
        (["lab-wrong"], ["why"], None, "a name and a reason"),
        (["lab-wrong"], ["why"], " ", "a name and a reason"),
        (["lab-wrong"], [" "], "quality", "a name and a reason"),
        (["lab-wrong"], [], "quality", "0 --why"),
        (["size"], ["why"], "quality", "nothing to waive; not met are: lab-wrong"),
        ([], ["why"], None, "go with --waive"),
    ],
)
def test_a_waiver_of_nothing_or_by_nobody_is_refused(
    tmp_path: Path, waived: list[str], whys: list[str], by: str | None, told: str
) -> None:
    with pytest.raises(UsageFault, match=told):
        clear(BUNDLE, evaluation(tmp_path, lab_wrong=9), waived, whys, by)


def test_the_evaluation_of_another_bundle_clears_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="is the evaluation of other@1, not of factory@"):
        clear(BUNDLE, evaluation(tmp_path, "other@1"), ["all"], ["why"], "quality")


def test_publishing_keeps_and_tells_the_waivers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, keys = str(tmp_path / "releases"), str(tmp_path / "keys")
    assert main(["release", "init", folder, "--keys", keys]) == 0
    words = ["publish", "factory", "--to", folder, "--keys", keys]
    words += ["--evaluation", str(evaluation(tmp_path / "evaluation", lab_wrong=9))]
    assert main(words) == 1
    assert "lab-wrong 9, at most 3" in capsys.readouterr().err
    assert main([*words, "--waive", "lab-wrong", "--why", "seen by eye", "--by", "quality"]) == 0
    assert main(["publish", BUNDLE.identity, "--to", folder, "--keys", keys, "--channel", "stable"]) == 0
    assert capsys.readouterr().out.count("waived by quality: seen by eye: lab-wrong (9, at most 3)") == 2
    [paper] = Path(folder).rglob("*.release.json")
    assert json.loads(paper.read_text())["waivers"][0]["by"] == "quality"


def comparison(folder: Path, old: str, fruit: int = 30, new_right: int = 28, old_right: int = 28) -> Path:
    folder.mkdir(exist_ok=True)
    right = {"new": new_right, "old": old_right}
    said = {"new": BUNDLE.identity, "old": old, "fruit": fruit, "right": right}
    (folder / "against.json").write_text(json.dumps(said))
    return folder


def test_a_bundle_that_is_right_about_no_fewer_takes_the_place_of_another(tmp_path: Path) -> None:
    against = Against("old@1", comparison(tmp_path / "compared", "old@1"))
    assert clear(BUNDLE, evaluation(tmp_path), [], [], None, against).waivers == ()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"fruit": 29}, "compared-fruit 29, at least 30"),
        ({"new_right": 27}, "compared-right -1, at least 0"),
    ],
)
def test_too_few_fruit_or_a_worse_bundle_hold_it_back_until_somebody_waives_it(
    tmp_path: Path, changed: dict[str, int], told: str
) -> None:
    against = Against("old@1", comparison(tmp_path / "compared", "old@1", **changed))
    with pytest.raises(ReleaseFault, match=told):
        clear(BUNDLE, evaluation(tmp_path), [], [], None, against)
    [waiver] = clear(BUNDLE, evaluation(tmp_path), ["all"], ["seen by eye"], "quality", against).waivers
    assert told == f"{waiver.criterion} {waiver.found}"


def test_without_a_comparison_no_bundle_takes_the_place_of_another(tmp_path: Path) -> None:
    with pytest.raises(ReleaseFault, match="compared-fruit unmeasured; compared-right unmeasured"):
        clear(BUNDLE, evaluation(tmp_path), [], [], None, Against("old@1", None))


def test_the_comparison_with_another_bundle_than_the_channels_clears_nothing(tmp_path: Path) -> None:
    against = Against("old@1", comparison(tmp_path / "compared", "older@1"))
    with pytest.raises(UsageFault, match=r"with older@1, not factory@.* with old@1, which the channel names"):
        clear(BUNDLE, evaluation(tmp_path), [], [], None, against)
    with pytest.raises(UsageFault, match="sorter evaluate --against wrote"):
        clear(BUNDLE, evaluation(tmp_path), [], [], None, Against("old@1", tmp_path / "nothing"))
