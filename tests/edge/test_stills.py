"""`sorter grade`: what it reads, what it says of what it cannot read, and the shape of its lines."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.capture.images import SUFFIXES, find_images, read_image
from edge.cli import main
from edge.datapath import LABELS, UNKNOWN
from edge.errors import ImageFault, UsageFault


def picture(path: Path, *fruit: tuple[int, int]) -> Path:
    """Red fruit on white, at these middles."""
    pixels = np.full((240, 320, 3), 255, np.uint8)
    for middle in fruit or [(160, 120)]:
        cv2.circle(pixels, middle, 40, (28, 35, 190), cv2.FILLED, cv2.LINE_AA)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels)
    return path


def grade(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[dict], str]:
    """Exit status, the JSON lines on standard output, and standard error."""
    status = main(["grade", *map(str, arguments)])
    printed = capsys.readouterr()
    return status, [json.loads(line) for line in printed.out.splitlines()], printed.err


def test_a_line_has_the_promised_shape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = picture(tmp_path / "a.png")
    status, (line,), _ = grade(capsys, file, "--crops")
    assert status == 0
    assert list(line) == ["file", "items"]
    assert line["file"] == str(file)
    (item,) = line["items"]
    assert list(item) == ["label", "confidence", "unknown_score", "scores", "box_px"]
    assert item["label"] in (*LABELS, UNKNOWN)
    assert tuple(item["scores"]) == LABELS
    assert sum(item["scores"].values()) == pytest.approx(1, abs=0.001)
    assert all(0 <= item[key] <= 1 for key in ("confidence", "unknown_score"))
    assert item["box_px"] == pytest.approx([120, 80, 81, 81], abs=2)


def test_a_scene_has_an_item_for_each_fruit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = picture(tmp_path / "a.png", (60, 60), (139, 62), (250, 180))
    _, (line,), _ = grade(capsys, file, "--scene")
    assert len(line["items"]) == 3
    _, (line,), _ = grade(capsys, file, "--crops")
    assert len(line["items"]) == 1


def test_a_corrupt_image_is_named_and_the_rest_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture(tmp_path / "a.jpg")
    whole = picture(tmp_path / "z.jpg").read_bytes()
    (tmp_path / "b.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (tmp_path / "c.png").write_bytes(b"no image")
    (tmp_path / "d.webp").write_bytes(b"")
    status, lines, said = grade(capsys, tmp_path, "--crops")
    assert status == 1
    assert [Path(line["file"]).name for line in lines] == ["a.jpg", "b.jpg", "c.png", "d.webp", "z.jpg"]
    assert ["error" in line for line in lines] == [False, True, True, True, False]
    assert all(set(line) == {"file", "error"} for line in lines[1:4])
    faults = [line for line in said.splitlines() if line.startswith("sorter: ")]
    assert len(faults) == 3
    assert "b.jpg: is cut short" in faults[0]


def test_the_lines_go_to_the_file_that_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.jsonl"
    status, printed, _ = grade(capsys, picture(tmp_path / "a.png"), "--crops", "--json", out)
    assert (status, printed) == (0, [])
    (line,) = out.read_text(encoding="utf-8").splitlines()
    assert "items" in json.loads(line)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.png"], "give one of --crops"),
        (["a.png", "--crops", "--scene"], "give one of --crops"),
        (["nowhere", "--crops"], "nowhere: no such file or folder"),
        (["empty", "--crops"], "empty: no image in this folder"),
        (["a.png", "--crops", "--bundle", "empty"], "empty: no bundle here"),
        (["a.png", "--crops", "--json", "nowhere/out"], "nowhere/out: cannot be written"),
        (["--crops"], "Missing argument"),
    ],
)
def test_a_wrong_question_ends_with_one_clear_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("no image", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    status, lines, error = grade(capsys, *arguments)
    assert (status, lines) == (2, [])
    (line,) = [line for line in error.splitlines() if line.startswith("sorter: ")]
    assert said in line


def test_folders_are_searched_to_the_bottom_in_order_and_for_images_only(tmp_path: Path) -> None:
    wanted = [picture(tmp_path / name) for name in ("a/deep/1.png", "a/2.JPG", "b.webp")]
    (tmp_path / "a" / "labels.csv").write_text("no image", encoding="utf-8")
    (tmp_path / "a" / "above").symlink_to(tmp_path)
    assert find_images([tmp_path]) == sorted(wanted)


def test_a_file_is_taken_as_given_whatever_its_name(tmp_path: Path) -> None:
    odd = picture(tmp_path / "a.png").rename(tmp_path / "a.picture")
    assert odd.suffix not in SUFFIXES
    assert find_images([odd]) == [odd]
    assert read_image(odd).shape == (240, 320, 3)


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="no image in this folder"):
        find_images([tmp_path])


def test_colours_are_read_as_red_green_blue(tmp_path: Path) -> None:
    assert read_image(picture(tmp_path / "a.png"))[120, 160].tolist() == [190, 35, 28]


@pytest.mark.parametrize(
    "make",
    [
        lambda path: cv2.imwrite(str(path), np.full((9, 9), 7, np.uint8)),
        lambda path: cv2.imwrite(str(path), np.full((9, 9, 4), 7, np.uint8)),
        lambda path: cv2.imwrite(str(path), np.full((9, 9, 3), 7 * 256, np.uint16)),
    ],
    ids=["grey", "alpha", "16 bits"],
)
def test_other_kinds_of_pixel_become_8_bit_colour(tmp_path: Path, make) -> None:
    make(tmp_path / "a.png")
    pixels = read_image(tmp_path / "a.png")
    assert (pixels.shape, pixels.dtype) == ((9, 9, 3), np.uint8)
    assert (pixels == 7).all()


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageFault, match="cannot be read"):
        read_image(tmp_path)
