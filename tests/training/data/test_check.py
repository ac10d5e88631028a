"""`sorter data check`: quiet on a sound dataset, and every planted fault is found and named."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.cli import main
from edge.errors import UsageFault
from tests.training.data.datasets import VIEWS, Line, changed, sound, write
from training.data.checking import check
from training.data.findings import Found
from training.data.listing import read_listing

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, list[Line]]:
    folder = tmp_path_factory.mktemp("sound")
    return folder, sound(folder)


@pytest.fixture
def dataset(made, tmp_path) -> tuple[Path, list[Line]]:
    """A copy that may be spoilt."""
    folder, lines = made
    shutil.copytree(folder, tmp_path / "dataset")
    return tmp_path / "dataset", list(lines)


def found(folder: Path, lines: list[Line]) -> list[Found]:
    write(folder, lines)
    return check(read_listing(folder))[0]


def codes(folder: Path, lines: list[Line]) -> set[str]:
    return {one.code for one in found(folder, lines)}


def test_a_sound_dataset_is_met_with_silence(dataset):
    assert found(*dataset) == []


def test_a_file_that_is_cut_short_is_found(dataset):
    folder, lines = dataset
    path = folder / lines[5].file
    path.write_bytes(path.read_bytes()[:1500])
    assert [(one.code, one.names) for one in found(folder, lines)] == [("corrupt", (lines[5].file,))]


def test_a_file_that_is_no_picture_is_found(dataset):
    folder, lines = dataset
    (folder / lines[5].file).write_bytes(b"no picture")
    assert codes(folder, lines) == {"corrupt"}


def test_a_missing_file_is_found(dataset):
    folder, lines = dataset
    (folder / lines[2].file).unlink()
    assert codes(folder, lines) == {"missing"}


def test_a_picture_that_nobody_listed_is_found(dataset):
    folder, lines = dataset
    assert codes(folder, lines[1:]) == {"unlisted"}


def test_the_same_picture_twice_is_found(dataset):
    folder, lines = dataset
    shutil.copy(folder / lines[0].file, folder / "again.jpg")
    assert codes(folder, [*lines, replace(lines[0], file="again.jpg")]) == {"duplicate"}


def test_the_same_picture_in_two_splits_is_found(dataset):
    folder, lines = dataset
    shutil.copy(folder / lines[0].file, folder / "again.jpg")
    assert "shared" in codes(folder, [*lines, replace(lines[0], file="again.jpg", fruit="other", split="test")])


def test_a_picture_resized_and_compressed_again_is_found_across_splits(dataset):
    folder, lines = dataset
    again = cv2.resize(cv2.imread(str(folder / lines[0].file)), (121, 121), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(folder / "again.jpg"), again, [cv2.IMWRITE_JPEG_QUALITY, 60])
    assert codes(folder, [*lines, replace(lines[0], file="again.jpg", fruit="other", split="test")]) == {"shared"}


def test_a_fruit_in_two_splits_is_found(dataset):
    folder, lines = dataset
    assert codes(folder, changed(lines, lambda line: line.file == "red-0-1.jpg", split="test")) == {"leak"}


def test_one_picture_under_two_labels_is_found(dataset):
    folder, lines = dataset
    shutil.copy(folder / "red-0-0.jpg", folder / "again.jpg")
    assert "contradicted" in codes(folder, [*lines, replace(lines[0], file="again.jpg", fruit="other", label="green")])


def test_flipped_labels_are_found(dataset):
    folder, lines = dataset
    flipped = changed(lines, lambda line: line.fruit == "red-1", label="green")
    told = [one for one in found(folder, flipped) if one.code == "mislabelled"]
    assert [one.says.partition(",")[0] for one in told] == ["fruit b/red-1 is labelled green"]
    assert len(told[0].names) >= 2
    assert set(told[0].names) <= {f"red-1-{view}.jpg" for view in range(VIEWS)}


def test_one_odd_side_of_a_fruit_is_no_wrong_label(dataset):
    folder, lines = dataset
    spoilt = changed(lines, lambda line: line.file == "green-0-0.jpg", fruit="red-1", label="red", source="b")
    assert "mislabelled" not in codes(folder, spoilt)


def test_a_label_under_one_light_alone_is_found(dataset):
    folder, lines = dataset
    assert codes(folder, changed(lines, lambda line: line.label == "red", light="lamp")) == {"one-light"}


def test_a_label_from_one_source_alone_is_found(dataset):
    folder, lines = dataset
    assert codes(folder, changed(lines, lambda line: line.label == "red", source="a")) == {"one-source"}


def test_a_misspelt_label_is_found(dataset):
    folder, lines = dataset
    told = found(folder, changed(lines, lambda line: line.fruit == "green-0", label="gren"))
    assert "label gren of 4 pictures looks like green" in " ".join(one.says for one in told)


def test_a_label_that_rests_on_one_fruit_is_found(dataset):
    folder, lines = dataset
    kept = [line for line in lines if line.label != "red" or line.fruit == "red-0"]
    for line in lines:
        if line not in kept:
            (folder / line.file).unlink()
    assert "few-fruit" in codes(folder, kept)


def test_an_exposure_that_gives_a_label_away_is_found(dataset):
    folder, lines = dataset
    for line in lines:
        if line.label == "red":
            dark = cv2.imread(str(folder / line.file)).astype(np.float32) * 0.3
            cv2.imwrite(str(folder / line.file), dark.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 92])
    assert "confounded" in codes(folder, lines)


def test_a_split_without_a_label_is_found(dataset):
    folder, lines = dataset
    assert "split-lacks" in codes(folder, changed(lines, lambda line: line.label == "red", split="train"))


def test_a_picture_that_shows_nothing_is_found(dataset):
    folder, lines = dataset
    cv2.imwrite(str(folder / lines[0].file), np.full((160, 160, 3), 128, np.uint8))
    assert "empty" in codes(folder, lines)


def test_a_picture_out_of_focus_is_found(dataset):
    folder, lines = dataset
    soft = cv2.GaussianBlur(cv2.imread(str(folder / lines[0].file)), (0, 0), 9)
    cv2.imwrite(str(folder / lines[0].file), soft)
    assert "blurred" in codes(folder, lines)


def test_the_command_tells_people_machines_and_a_page(dataset, tmp_path, capsys):
    folder, lines = dataset
    write(folder, changed(lines, lambda line: line.file == "red-0-1.jpg", split="test"))
    page, told = tmp_path / "found.html", tmp_path / "found.json"
    assert main(["data", "check", str(folder), "--html", str(page), "--json", str(told)]) == 1
    said = capsys.readouterr().out
    assert "leak: fruit" in said
    assert "96 pictures of 24 physical fruit: 1 findings" in said
    assert json.loads(told.read_text())["findings"][0]["code"] == "leak"
    assert "data:image/jpeg;base64," in page.read_text()


def test_a_sound_dataset_ends_with_status_0(dataset, capsys):
    assert main(["data", "check", str(dataset[0])]) == 0
    assert "nothing found" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "file,label\n", "file,fruit,label\na.jpg,,red\n"])
def test_a_list_that_is_none_is_refused_with_what_it_must_have(tmp_path, text: str):
    (tmp_path / "dataset.csv").write_text(text)
    with pytest.raises(UsageFault, match=r"file, fruit"):
        read_listing(tmp_path)


def test_a_folder_without_a_list_is_refused(tmp_path):
    with pytest.raises(UsageFault, match=r"no dataset\.csv here"):
        read_listing(tmp_path)
