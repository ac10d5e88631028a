"""Records as the line makes them, for the telemetry's tests."""

from edge.datapath import GatePulse, Health, Look, Outcome, OutcomeResult, Track, Verdict


def a_track(n: int) -> Track:
    track_id = f"run.{n}"
    look = Look(track_id, n, 1.0, (0.0, 0.03, 0.97, 0.0), 0.02)
    return Track(track_id, lane=n % 2, belt_um=n * 120_000, y_mm=100.0, length_mm=57.31, looks=(look, look))


def a_verdict(n: int, outlet: str = "red") -> Verdict:
    return Verdict(
        track_id=f"run.{n}",
        label="red",
        confidence=0.9712345,
        unknown_score=0.02,
        scores=(0.0, 0.03, 0.97, 0.0),
        outlet=outlet,
        reason="graded" if outlet != "end" else "doubtful",
        decided_at_ns=n,
        bundle="factory@0123456789ab",
        profile="ba9876543210",
    )


def an_outcome(n: int, result: OutcomeResult = "fired") -> Outcome:
    pulse = GatePulse(f"run.{n}", "red_0", 0, 1, 0, 0)
    return Outcome(pulse, result, opened_at_ns=5 if result == "fired" else None, late_ns=412_000)


def a_health(state="sorting", **changed) -> Health:
    fields = {
        "at_ns": 0,
        "state": state,
        "frames": 300,
        "frames_dropped": 1,
        "tracks": 50,
        "verdicts": 49,
        "fired": 40,
        "late": 1,
        "refused": 0,
        "step_p50_ms": 6.2,
        "step_p99_ms": 14.1,
        "inference_p50_ms": 0.9,
        "gate_late_p99_ms": 0.4,
        "queued_messages": 3,
        "shed_messages": 0,
        "broker": "online",
    }
    return Health(**(fields | changed))
