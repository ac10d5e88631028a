"""What a Pi says of its speed."""

import pytest

from edge.watch.vcgencmd import PiThrottle, find


@pytest.mark.parametrize(
    ("said", "throttled"),
    [
        ("0", False),
        ("50005\n", True),
        ("50000\n", False),  # it was, since the start, and is no longer
        ("throttled=0x50005\n", True),
        ("throttled=0x0\n", False),
        ("throttled=0x8", True),
        ("VCHI initialization failed", False),
        ("", False),
    ],
)
def test_only_what_holds_now_counts(said, throttled):
    assert PiThrottle(lambda: said).throttled() is throttled


def test_a_firmware_that_does_not_answer_is_no_reason_to_slow_down():
    def refuse():
        raise PermissionError("no")

    assert PiThrottle(refuse).throttled() is False


def test_the_kernels_file_is_asked_where_there_is_one(tmp_path):
    flags = tmp_path / "get_throttled"
    flags.write_text("4\n", encoding="ascii")
    found = find(flags)
    assert found.throttled() is True
    flags.write_text("40000\n", encoding="ascii")
    assert found.throttled() is False


def test_the_command_is_asked_where_there_is_no_file(tmp_path, monkeypatch):
    command = tmp_path / "vcgencmd"
    command.write_text("#!/bin/sh\n[ $1 = get_throttled ] && echo throttled=0x2\n", encoding="ascii")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find(tmp_path / "none").throttled() is True


def test_a_computer_that_is_no_pi_has_no_word_on_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find(tmp_path / "none") is None
