"""The pages' pure parts, by node's own test runner."""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_a_module_keeps_its_claims(name):
    ran = subprocess.run(["node", "--test", HERE / name], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout
