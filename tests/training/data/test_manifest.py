"""A dataset's manifest: every file with its hash, and a version that changes with every picture and label."""

import hashlib
import json

import pytest

from edge.cli import main
from tests.training.data.datasets import changed, sound, write
from training.data.listing import read_listing
from training.data.manifest import manifest


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    return folder, sound(folder)


def made(folder):
    return manifest(read_listing(folder), "tomatoes", "Apache-2.0", "2026-01-31")


def test_every_file_is_in_it_with_its_hash(dataset):
    folder, lines = dataset
    files = {one["name"]: one["sha256"] for one in made(folder)["distribution"]}
    assert files == {line.file: hashlib.sha256((folder / line.file).read_bytes()).hexdigest() for line in lines}


def test_its_version_changes_with_one_label_and_comes_back_with_it(dataset):
    folder, lines = dataset
    before = made(folder)["version"]
    write(folder, changed(lines, lambda line: line.file == "red-0-1.jpg", label="green"))
    assert made(folder)["version"] != before
    write(folder, lines)
    assert made(folder)["version"] == before


def test_a_missing_file_is_said_in_one_line(dataset, tmp_path, capsys):
    (tmp_path / "dataset.csv").write_text("file,fruit,label\ngone.jpg,one,red\n")
    assert main(["data", "manifest", str(tmp_path)]) == 2
    assert "gone.jpg" in capsys.readouterr().err


@pytest.mark.tensorflow
@pytest.mark.filterwarnings("ignore")
def test_croissants_own_library_reads_it(dataset, tmp_path):
    mlcroissant = pytest.importorskip("mlcroissant", reason="the training environment has it: make training")
    folder, lines = dataset
    (folder / "croissant.json").write_text(json.dumps(made(folder)))
    read = mlcroissant.Dataset(str(folder / "croissant.json"))
    assert not read.metadata.ctx.issues.errors
    records = [row["pictures/file"] for row in read.records("pictures")]
    assert [row.decode() if isinstance(row, bytes) else row for row in records] == [line.file for line in lines]
