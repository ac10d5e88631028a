"""A recorded run in which another bundle took over: identical, to the bit, also where its record begins behind that."""

from pathlib import Path

import pytest

from edge.bundle import load_bundle
from edge.datapath import Adopted
from edge.errors import UsageFault
from edge.gradings import Grading
from edge.replay import Found, Replay
from edge.trace.header import load_header
from edge.trace.segments import read_segment
from edge.trace.store import segments
from tests.edge.bundles import write_bundle
from tests.edge.profiles import demo
from tests.edge.recorded import CropGrader, bundle_in, recorded

pytestmark = pytest.mark.slow
BIAS = 300
"""By which the other bundle differs."""


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("change")
    own = bundle_in(folder / "bundle")
    other = load_bundle(write_bundle(folder / "other", name="other"))
    gradings = [
        Grading.of(demo(), CropGrader(bundle.identity, bias), bundle.manifest.thresholds, str(bundle.folder))
        for bundle, bias in ((other, BIAS), (own, 0))
    ]
    return recorded(folder, changes={100: gradings[0], 320: gradings[1]})


def replay(run: Path, bias: int = BIAS, known: bool = True, other: str | None = None) -> Found:
    own, further = (load_bundle(run.parents[1] / name) for name in ("bundle", "other"))

    def find(adopted: Adopted):
        assert adopted == Adopted(further.identity, str(further.folder))
        return CropGrader(further.identity, bias), further

    grader = CropGrader(other or own.identity)
    return Replay(run, load_header(run), grader, own, find if known else None).run()


def bundles(run: Path) -> list[str]:
    made = [fields for held in segments(run) for fields, _ in read_segment(held.path).entries]
    return [fields["bundle"].partition("@")[0] for fields in made if fields["kind"] == "verdict"]


def test_it_comes_out_identical(run: Path) -> None:
    assert {"hollow", "other"} == set(bundles(run))
    found = replay(run)
    assert (found.differences, found.notes) == (0, [])
    assert found.compared["verdict"] > 25


def test_a_bit_of_the_other_bundle_is_found(run: Path) -> None:
    found = replay(run, bias=BIAS + 1)
    assert found.differences > 10
    assert found.first.recorded["kind"] == "look"


def test_it_goes_on_from_where_both_bundles_graded(run: Path) -> None:
    held = segments(run)
    folder = run.parents[1] / "cut" / run.name
    folder.mkdir(parents=True)
    (folder / "run.json").write_bytes((run / "run.json").read_bytes())
    for each in held[1:]:
        (folder / each.path.name).write_bytes(each.path.read_bytes())
    begin = read_segment(held[1].path).entries[0][0]
    names = dict(begin["memory"][1])["gradings"][1]["folders"][1]
    assert len(names) == 2
    own, further = (load_bundle(run.parents[1] / name) for name in ("bundle", "other"))
    replayed = Replay(
        folder,
        load_header(folder),
        CropGrader(own.identity),
        own,
        lambda adopted: (CropGrader(further.identity, BIAS), further),
    ).run()
    assert replayed.differences == 0
    assert len(replayed.notes) == 1


def test_a_bundle_that_is_nowhere_is_asked_for(run: Path) -> None:
    with pytest.raises(UsageFault, match="took over in it: give its folder with --bundle"):
        replay(run, known=False)


def test_another_bundle_that_is_compared_grades_the_whole_run(run: Path) -> None:
    found = replay(run, known=False, other="third@0")
    assert found.compared["verdict"] > 25
