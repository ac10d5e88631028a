import os

import pytest

from training.quiet import quiet


def test_what_a_library_writes_past_python_is_not_seen(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet():
        os.write(2, b"a library's chatter\n")
    os.write(2, b"afterwards\n")
    assert capfd.readouterr() == ("", "afterwards\n")


def test_a_fault_within_is_raised_and_the_streams_come_back(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="broken"), quiet():
        raise ValueError("broken")
    os.write(1, b"heard\n")
    assert capfd.readouterr().out == "heard\n"
