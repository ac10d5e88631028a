"""What the doctor says of the programs on a computer, of their punctuality and of the broker."""

from datetime import UTC, datetime, timedelta

import pytest

from edge.doctor import broker, programs, software, timing
from edge.doctor.asking import ask, good_until, read_certificate
from edge.doctor.broker import Certificate
from edge.doctor.software import Service
from edge.updates import Told
from plant.authority import issue, make_authority
from tests.edge.doctor.verdicts import verdict
from tests.edge.profiles import demo

MS = 1_000_000
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_every_fault_of_the_profile_is_a_finding_and_none_at_all_is_no_fault():
    assert [one.what for one in software.profile("p.toml", ["a", "b"], "")] == ["a", "b"]
    assert verdict(software.profile("p.toml", [], "123")) == "good"
    (one,) = software.profile("/etc/sorter/profile.toml", None, "")
    assert one.verdict == "not checked"
    assert "sorter doctor --profile" in one.remedy


def test_a_bundle_that_computes_otherwise_here_is_a_fault():
    assert verdict(software.bundle("b@1", [])) == "good"
    assert verdict(software.bundle("b@1", ["tensor 3: the network's outputs differ"])) == "fault"
    assert verdict(software.bundle("", None)) == "not checked"


@pytest.mark.parametrize(
    ("told", "said", "holds"),
    [
        (Told(), "good", "its own bundle runs"),
        (Told(state="download", offered="b@2", progress=0.4), "good", "b@2 is on its way, 40%"),
        (Told(state="shadow", active="b@1", offered="b@2", waits="window"), "good", "waits for its maintenance window"),
        (
            Told(state="failed", why="golden", text="outputs differ", refused="b@2"),
            "attention",
            "golden: outputs differ",
        ),
        (Told(state="idle", why="unreachable", text="no route"), "attention", "unreachable: no route"),
    ],
)
def test_where_an_update_stands_is_told_with_its_reason(told, said, holds):
    (one,) = software.update("https://releases.example", "/var/lib/sorter/update", told, True)
    assert one.verdict == said
    assert one.what.startswith(told.state)
    assert holds in one.what


def test_an_update_process_that_says_nothing_is_seen_and_one_that_nobody_wants_is_not_missed():
    assert verdict(software.update("https://x", "/f", None, True)) == "attention"
    (hidden,) = software.update("https://x", "/f", None, False)
    assert (hidden.verdict, hidden.remedy) == ("not checked", "sudo sorter doctor")
    assert verdict(software.update(None, "/f", None, True)) == "not checked"


def test_lgpios_placeholder_is_found_out_and_so_is_a_python_that_does_not_fit():
    assert verdict(software.versions((3, 13), {"lgpio": "0.2.2.0", "picamera2": None})) == "good"
    assert verdict(software.versions((3, 13), {"lgpio": "0.0.0.2"})) == "fault"
    assert verdict(software.versions((3, 14), {})) == "fault"


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (Service("active", True, 0), "good"),
        (Service("active", True, 3), "attention"),
        (Service("active", False, 0), "attention"),
        (Service("failed", True, 5), "fault"),
        (None, "not checked"),
    ],
)
def test_a_service_that_failed_or_came_back_is_told(reading, said):
    assert verdict(software.service(reading)) == said


@pytest.mark.parametrize(
    ("wakes", "said"),
    [
        ((20_000, 90_000), "good"),
        ((100_000, 20 * MS), "attention"),
        ((60 * MS, 90 * MS), "fault"),
        ("no lines", "fault"),
    ],
)
def test_a_computer_that_wakes_too_late_for_its_belt_is_told(wakes, said):
    assert verdict(timing.jitter(demo(), wakes)) == said


def test_the_broker_is_told_with_its_own_word():
    assert verdict(broker.broker(None, "", 0.0)) == "not checked"
    assert verdict(broker.broker("mqtt://here", "", 0.02)) == "good"
    (one,) = broker.broker("mqtt://here", "it refuses: Not authorized", 0.0)
    assert (one.verdict, one.what) == ("attention", "mqtt://here: it refuses: Not authorized")


@pytest.mark.parametrize(("days", "said"), [(400, "good"), (29, "attention"), (-1, "fault")])
def test_a_certificate_is_told_before_it_expires(days, said):
    assert verdict(broker.certificates([Certificate("ca_file", NOW + timedelta(days=days))], NOW)) == said


def test_a_certificate_that_cannot_be_read_is_a_fault(tmp_path):
    assert verdict(broker.certificates([read_certificate("cert_file", tmp_path / "none.crt")], NOW)) == "fault"
    (tmp_path / "odd.crt").write_text("no PEM\n", encoding="ascii")
    assert "holds no certificate" in read_certificate("cert_file", tmp_path / "odd.crt").why
    (tmp_path / "cut.crt").write_text(
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", encoding="ascii"
    )
    assert "holds no certificate" in read_certificate("cert_file", tmp_path / "cut.crt").why


@pytest.mark.slow
def test_to_when_a_plants_certificates_are_good_is_read_from_them():
    authority = make_authority("packing")
    made = datetime(2026, 3, 1, tzinfo=UTC)
    pair = issue(authority, "line-1", now=made)
    until = good_until(pair.certificate.decode("ascii"))
    assert timedelta(days=100) < until - made < timedelta(days=4000)
    assert good_until(authority.certificate.decode("ascii")) > NOW


def test_a_broker_that_is_not_there_is_no_traceback():
    settings = demo(telemetry={"broker": "mqtt://127.0.0.1:1"}).telemetry
    refusal, _, certificates = ask(settings)
    assert "refused" in refusal
    assert certificates == []


def test_a_computer_without_systemd_has_no_service(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert programs.service() is None


def test_what_systemd_says_is_read(tmp_path, monkeypatch):
    command = tmp_path / "systemctl"
    command.write_text(
        "#!/bin/sh\necho LoadState=loaded\necho ActiveState=active\necho UnitFileState=enabled\necho NRestarts=2\n",
        encoding="ascii",
    )
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert programs.service() == Service("active", True, 2)
