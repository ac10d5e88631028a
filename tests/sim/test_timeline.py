from sim.timeline import NEVER_NS, Actor, Timeline


def test_what_falls_on_one_instant_is_ordered_by_priority_then_serial():
    seen: list[str] = []

    def note(name: str):
        return lambda now_ns: seen.append(name) or NEVER_NS

    line = Timeline(0)
    for name, priority in (("c", 2), ("a", 0), ("b1", 1), ("b2", 1)):
        line.wake(Actor(priority, note(name)), 5)
    line.run(lambda: False)
    assert seen == ["a", "b1", "b2", "c"]


def test_an_actor_woken_early_steps_once_and_sets_its_next_wake_anew():
    seen: list[int] = []
    line = Timeline(0)
    actor = Actor(0, lambda now_ns: seen.append(now_ns) or (now_ns + 10 if now_ns < 20 else NEVER_NS))
    line.wake(actor, 10)
    line.wake(actor, 4)
    line.wake(actor, 7)
    line.run(lambda: False)
    assert seen == [4, 14, 24]


def test_an_actor_woken_by_another_in_the_same_instant_steps_in_that_instant():
    seen: list[tuple[str, int]] = []
    line = Timeline(0)
    second = Actor(0, lambda now_ns: seen.append(("second", now_ns)) or NEVER_NS)

    def first(now_ns: int) -> int:
        seen.append(("first", now_ns))
        line.wake(second, now_ns)
        return NEVER_NS

    line.wake(Actor(1, first), 3)
    line.run(lambda: False)
    assert seen == [("first", 3), ("second", 3)]


def test_time_never_runs_back():
    line = Timeline(100)
    actor = Actor(0, lambda now_ns: now_ns - 50)
    line.wake(actor, 100)
    steps = iter(range(3))
    line.run(lambda: next(steps) == 2)
    assert line.now_ns == 100
