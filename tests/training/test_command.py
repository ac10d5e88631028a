import builtins
import sys
from pathlib import Path
from types import ModuleType

import pytest

from edge.bundle import load_bundle
from edge.cli import main
from edge.errors import UsageFault
from edge.grade.litert import golden_faults
from training.train import start_tensorflow


def test_training_without_photographs_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["train", "factory", "--data", str(tmp_path / "none"), "--out", str(tmp_path / "out")])
    told = capsys.readouterr().err
    assert status == 2
    assert told.count("\n") == 1
    # Where TensorFlow is missing, that is told first.
    assert "--data" in told or "make training" in told
    assert not (tmp_path / "out").exists()


def test_evaluating_what_is_no_bundle_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "no bundle here" in capsys.readouterr().err


def test_a_missing_tensorflow_is_told_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object, **kwargs: object) -> ModuleType:
        if name == "tensorflow":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    with pytest.raises(UsageFault, match="make training"):
        start_tensorflow(1)


@pytest.mark.slow
@pytest.mark.tensorflow
@pytest.mark.timeout(900)
def test_the_ci_recipe_makes_a_bundle_that_runs(tmp_path: Path) -> None:
    assert main(["train", "ci", "--data", "builtin", "--out", str(tmp_path / "bundle")]) == 0
    bundle = load_bundle(tmp_path / "bundle")
    assert golden_faults(bundle) == []
    assert float(bundle.manifest.metrics["builtin_right"] or 0) > 0.6
    assert set(bundle.manifest.origin.trained_on) == {"builtin"}
