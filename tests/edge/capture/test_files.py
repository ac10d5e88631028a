"""Images and videos played as a camera."""

import logging
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge import clock
from edge.capture.files import FilesCamera
from edge.datapath import Frame
from edge.errors import CameraFault, UsageFault
from tests.edge.profiles import demo

SETTINGS = demo().camera.model_copy(update={"width_px": 160, "height_px": 120, "frames_hz": 240})
RED = (10, 20, 200)


def write(path: Path, bgr: tuple[int, int, int] = RED, size: tuple[int, int] = (160, 120)) -> None:
    cv2.imwrite(str(path), np.full((size[1], size[0], 3), bgr, np.uint8))


def take(camera: FilesCamera, count: int) -> list[Frame]:
    frames = [camera.next_frame(clock.now_ns() + 1_000_000_000) for _ in range(count)]
    assert None not in frames
    return [frame for frame in frames if frame]


def test_images_are_played_by_name_round_and_round_in_red_green_blue(tmp_path: Path) -> None:
    for name, red in (("b.png", 2), ("a.PNG", 1), ("c.bmp", 3)):
        write(tmp_path / name, (0, 0, red))
    (tmp_path / "notes.txt").write_text("not an image", encoding="utf-8")
    frames = take(FilesCamera(tmp_path, SETTINGS), 5)
    assert [frame.pixels[0, 0].tolist() for frame in frames] == [[n, 0, 0] for n in (1, 2, 3, 1, 2)]


def test_frames_come_at_the_profiles_rate(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    frames = take(FilesCamera(tmp_path, SETTINGS), 6)
    period_ns = round(1e9 / 240)
    for before, after in pairwise(frames):
        assert after.exposed_at_ns - before.exposed_at_ns == (after.number - before.number) * period_ns


def test_frames_that_come_due_while_nobody_reads_are_lost_and_counted(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    camera = FilesCamera(tmp_path, SETTINGS)
    (first,) = take(camera, 1)
    clock.sleep_until(clock.now_ns() + 20_000_000)
    (second,) = take(camera, 1)
    assert camera.lost() == second.number - first.number - 1 >= 3


def test_a_corrupt_image_is_named_once_and_the_rest_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path / "a.png")
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8 this is no picture")
    (tmp_path / "c.jpg").write_bytes(b"")
    write(tmp_path / "d.png", size=(80, 60))
    with caplog.at_level(logging.WARNING):
        take(FilesCamera(tmp_path, SETTINGS), 4)
    assert [line.partition(str(tmp_path))[2] for line in caplog.messages] == [
        "/b.jpg: is cut short; copy it again",
        "/c.jpg: is empty",
        "/d.png: 80x60 px; must be 160x120, as [camera] says",
    ]


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="no image in this folder"):
        FilesCamera(tmp_path, SETTINGS)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="no such folder or video"):
        FilesCamera(tmp_path / "none", SETTINGS)


def test_a_folder_of_which_nothing_can_be_played_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.png", size=(80, 60))
    with pytest.raises(CameraFault, match=r"holds no picture that can be played; .*80x60 px"):
        FilesCamera(tmp_path, SETTINGS)


def test_a_video_is_played_round_and_round(tmp_path: Path) -> None:
    path = tmp_path / "belt.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (160, 120))
    for _ in range(3):
        writer.write(np.full((120, 160, 3), RED, np.uint8))
    writer.release()
    frames = take(FilesCamera(path, SETTINGS), 5)
    assert frames[4].pixels.shape == (120, 160, 3)
    assert np.abs(frames[4].pixels[60, 80].astype(int) - RED[::-1]).max() < 12


def test_a_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "belt.mp4"
    path.write_bytes(b"this is no video")
    with pytest.raises(CameraFault, match="holds no picture that can be played"):
        FilesCamera(path, SETTINGS)
