import json
import os
import re
from pathlib import Path

import pytest

from training.figures import Decision, summary
from training.quiet import quiet
from training.report import page, write


def figures() -> dict[str, object]:
    found = summary([Decision(f"builtin/{n}", "red", "red" if n else "turning") for n in range(6)])
    return {"bundle": "mine<b>@1", "sources": {"builtin": {**found, "one_look": found}}, "lab": None}


def test_a_report_is_written_for_machines_and_for_people(tmp_path: Path) -> None:
    write(tmp_path / "new", figures())
    stored = json.loads((tmp_path / "new" / "report.json").read_text())
    assert stored["sources"]["builtin"]["confusion"]["red"]["red"] == 5
    assert (tmp_path / "new" / "report.html").read_text() == page(figures())


def test_the_page_fetches_nothing_and_escapes_names() -> None:
    text = page(figures())
    assert not re.search(r"(src|href)=|https?:|<b>", text)
    assert "builtin: 0.833 right" in text


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
