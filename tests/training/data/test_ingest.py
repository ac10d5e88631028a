"""What people said of fruit becomes a version of a dataset, with all of where it came from."""

import csv
import hashlib
import json
import shutil

import cv2
import pytest

from edge.cli import main
from edge.kept import Word, fruit_folders
from tests.training.data.histories import Said, an_album, keep
from training.data.harvest import from_history
from training.data.ingest import Ingested, ingest
from training.dataset import RIPENESS, UNTOLD
from training.listed import read_listed

pytestmark = pytest.mark.slow


@pytest.fixture
def history(tmp_path):
    """Two fruit of each label that people agree on, one on which they are split, one that nobody has judged."""
    album = an_album(tmp_path / "history")
    for label in ("green", "turning", "red", "damaged"):
        keep(album, 0, label, [Said("anna", label, 0.8), Said("berta", label, 1.2)])
        keep(album, 1, label, [Said("anna", label)])
    keep(album, 2, "red", [Said("anna", "red"), Said("berta", "turning")])
    keep(album, 3, "red", [])
    return tmp_path / "history"


def take(history, out) -> Ingested:
    return ingest(from_history(history), out, "CC0-1.0")


def rows(out) -> list[dict[str, str]]:
    with (out / "dataset.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_what_people_agree_on_is_taken_and_the_rest_is_said(history, tmp_path):
    made = take(history, tmp_path / "out")
    assert (made.fruit, made.pictures, made.split, made.unsaid) == (8, 16, 1, 1)
    told = json.loads((tmp_path / "out/provenance.json").read_text())
    assert told["fruit"]["red.2"]["by"] == {"anna": "red", "berta": "turning"}
    assert told["fruit"]["red.2"]["label"] is None
    assert "split evenly the fruit is left out" in told["policy"]
    assert {row["fruit"] for row in rows(tmp_path / "out")}.isdisjoint({"red.2", "red.3"})


def test_every_picture_is_the_machines_own_by_its_hash(history, tmp_path):
    take(history, tmp_path / "out")
    told = json.loads((tmp_path / "out/provenance.json").read_text())["fruit"]
    for row in rows(tmp_path / "out"):
        data = (tmp_path / "out" / row["file"]).read_bytes()
        shots = {shot["file"]: shot["sha256"] for shot in told[row["fruit"]]["kept"]["shots"]}
        assert hashlib.sha256(data).hexdigest() == shots[row["file"].rsplit("/", 1)[1]]


def test_who_labelled_when_how_fast_and_which_bundle_was_asked_is_kept(history, tmp_path):
    take(history, tmp_path / "out")
    told = json.loads((tmp_path / "out/provenance.json").read_text())
    assert told["bundles"] == ["asked@0123456789ab"]
    assert told["people"]["anna"] == {"judged": 9, "median_s": 1.0, "shared": 5, "agreed": 4}
    words = told["fruit"]["green.0"]["words"]
    assert [(word["user"], word["label"], word["seconds"]) for word in words] == [
        ("anna", "green", 0.8),
        ("berta", "green", 1.2),
    ]


def test_one_physical_fruit_is_in_one_split_and_stays_there_when_more_come(history, tmp_path):
    take(history, tmp_path / "out")
    before = {row["fruit"]: row["split"] for row in rows(tmp_path / "out")}
    keep(an_album(history), 4, "red", [Said("anna", "red")])
    take(history, tmp_path / "out")
    after = {row["fruit"]: row["split"] for row in rows(tmp_path / "out")}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 1


def test_fruit_are_held_back_of_the_audit_alone(tmp_path):
    album = an_album(tmp_path / "history")
    for n in range(12):
        keep(album, n, "red", [Said("anna", "red")], why="audited")
        keep(album, n, "green", [Said("anna", "green")], why=("doubtful", "unknown", "random", "flagged")[n % 4])
    take(tmp_path / "history", tmp_path / "out")
    held = {row["fruit"] for row in rows(tmp_path / "out") if row["split"] == "held"}
    assert held
    assert {fruit.partition(".")[0] for fruit in held} == {"red"}


def test_the_same_again_is_the_same_version_and_a_new_word_is_a_new_one(history, tmp_path):
    first = take(history, tmp_path / "out")
    again = take(history, tmp_path / "out")
    assert (again.version, again.added) == (first.version, 0)
    an_album(history).note(Word("red.2", "berta", "later", "2026-01-02T12:00:00.000Z", "red"))
    assert take(history, tmp_path / "out").version != first.version
    assert "red.2" in {row["fruit"] for row in rows(tmp_path / "out")}


def test_pictures_of_a_fruit_on_which_people_are_split_wait_for_one_more_word(history, tmp_path):
    take(history, tmp_path / "out")
    shutil.rmtree(history / "pictures")
    album = an_album(tmp_path / "later")
    keep(album, 2, "red", [Said("carla", "red")])
    assert not (tmp_path / "out/pictures/red.2").exists()
    assert take(tmp_path / "later", tmp_path / "out").fruit == 9
    assert len(list((tmp_path / "out/pictures/red.2").iterdir())) == 2


def test_a_label_that_was_taken_back_takes_the_fruit_out(history, tmp_path):
    take(history, tmp_path / "out")
    an_album(history).note(Word("red.1", "anna", "later", "2026-01-02T12:00:00.000Z", None))
    assert take(history, tmp_path / "out").fruit == 7
    assert "red.1" not in {row["fruit"] for row in rows(tmp_path / "out")}
    assert not (tmp_path / "out/pictures/red.1").exists()


def test_what_a_machine_has_deleted_since_stays_in_the_dataset(history, tmp_path):
    first = take(history, tmp_path / "out")
    assert ingest([], tmp_path / "out", "CC0-1.0").version == first.version


def test_training_reads_what_was_taken_in(history, tmp_path):
    take(history, tmp_path / "out")
    dataset = read_listed(tmp_path / "out", 0.15)
    pictures = [picture for some in dataset.parts.values() for picture in some]
    assert len(pictures) == 16
    for picture in pictures:
        sound = picture.grade in RIPENESS
        assert picture.ripeness == (RIPENESS.index(picture.grade) if sound else UNTOLD)
        assert picture.mask.shape == picture.pixels.shape[:2]
        assert 0.3 < (picture.mask == 255).mean() < 0.95
    damaged = [picture for picture in pictures if picture.grade == "damaged"]
    assert sorted(picture.damage for picture in damaged) == [UNTOLD, UNTOLD, 1, 1]


def test_colours_come_through_as_they_were_taken(history, tmp_path):
    take(history, tmp_path / "out")
    dataset = read_listed(tmp_path / "out", 0.15)
    red, green = (
        next(p for some in dataset.parts.values() for p in some if p.grade == grade) for grade in ("red", "green")
    )
    assert red.pixels[red.mask > 0][:, 0].mean() > 1.5 * red.pixels[red.mask > 0][:, 2].mean()
    assert green.pixels[green.mask > 0][:, 1].mean() > green.pixels[green.mask > 0][:, 0].mean()


def test_sorter_data_check_reads_it(history, tmp_path, capsys):
    assert main(["data", "ingest", str(history), "--out", str(tmp_path / "out")]) == 0
    assert "16 pictures of 8 fruit, 9 of them new; 1 left out, for people are split; 1 that" in capsys.readouterr().out
    main(["data", "check", str(tmp_path / "out")])
    said = capsys.readouterr().out
    assert "16 pictures of 8 physical fruit" in said
    codes = {line.partition(":")[0] for line in said.splitlines()}
    assert not {"leak", "corrupt", "missing", "unlisted", "empty"} & codes


def test_the_manifest_is_croissant_and_names_where_it_came_from(history, tmp_path):
    take(history, tmp_path / "out")
    mlc = pytest.importorskip("mlcroissant")
    made = mlc.Dataset(jsonld=str(tmp_path / "out/manifest.json"))
    assert len([one for one in made.metadata.distribution if one.name.endswith(".webp")]) == 16
    assert any(one.name == "provenance.json" for one in made.metadata.distribution)


def test_a_torn_fruit_is_passed_over(history, tmp_path):
    home = next(home for home in fruit_folders(history / "pictures") if home.name == "green.0")
    (home / "1.webp").write_bytes(b"torn")
    assert take(history, tmp_path / "out").fruit == 7


def test_a_picture_that_was_there_is_readable(history, tmp_path):
    take(history, tmp_path / "out")
    assert cv2.imread(str(tmp_path / "out" / rows(tmp_path / "out")[0]["file"]), cv2.IMREAD_UNCHANGED).shape[2] == 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ingest", "{history}"], "ingest needs --out DATASET"),
        (["ingest", "{nothing}", "--out", "{new}"], "give a machine's history folder"),
        (["ingest", "{history}", "--out", "{history}"], "give a new folder to --out"),
        (["check", "{history}", "{history}"], "looks at one dataset"),
    ],
)
def test_a_wrong_question_is_one_clear_line(arguments, told, history, tmp_path, capsys):
    names = {"history": history, "nothing": tmp_path / "nothing", "new": tmp_path / "new"}
    assert main(["data", *(one.format(**names) for one in arguments)]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said
