from edge.datapath import BeltSample, Track, Verdict
from sim.scoreboard import Scoreboard
from sim.world import World
from tests.edge.profiles import demo
from tests.sim.worlds import EXACT, START_NS, scenario, world

S = 1_000_000_000
EXACTLY = scenario(**EXACT)


def board_of(w: World) -> Scoreboard:
    board = Scoreboard(demo(), w)
    board.log.put(BeltSample(START_NS, 0, 600_000))
    return board


def track(w: World, board: Scoreboard, item, track_id: str = "run.1") -> None:
    """The device saw this fruit where it was."""
    origin_um = round((w.passes_ns(item, 0.0) - START_NS) * 600_000 / S)
    board.log.put(Track(track_id, item.lane, origin_um, 108.0, 60.0, ()))


def run_empty(w: World, board: Scoreboard) -> int:
    now_ns = START_NS
    while not w.empty:
        now_ns += S // 10
        w.advance(now_ns)
        board.settle(now_ns)
    return now_ns


def test_fruit_that_pass_their_gate_in_a_safe_spell_are_held_and_no_others():
    w = world(EXACTLY)
    board = board_of(w)
    board.safe = [(START_NS, START_NS + 2 * S), (START_NS + 3 * S, None)]
    run_empty(w, board)
    score = board.finish()
    assert set(score.fates) == {"held", "unseen"}
    assert 5 < score.fates["unseen"] < 15  # one second of two lanes, five fruit each


def test_fruit_are_settled_once_their_records_have_had_time_to_arrive_and_not_before():
    w = world(EXACTLY)
    board = board_of(w)
    last_ns = run_empty(w, board)
    assert board.score.fates.total() < 40
    board.settle(last_ns + 2 * S)
    assert board.score.fates.total() == 40
    assert board.finish().fates.total() == 40


def test_the_last_picture_is_found_however_fast_the_camera_is():
    w = world(EXACTLY)
    board = board_of(w)
    w.advance(START_NS)
    fruit = next(w.on_belt())
    track(w, board, fruit)
    decided_ns = w.passes_ns(fruit, 300.0)
    board.log.put(Verdict("run.1", "red", 1, 0, (0, 0, 1, 0), "end", "graded", decided_ns, "b", "p"))
    for n in range(4 * 240):
        board.exposed(START_NS + n * S // 240)
    run_empty(w, board)
    assert 0 <= board.finish().latency_ns.newest(1)[0] <= S // 240


def test_a_track_where_no_fruit_was_is_a_ghost_and_a_fruits_own_is_none():
    w = world(EXACTLY)
    board = board_of(w)
    w.advance(START_NS)
    track(w, board, next(w.on_belt()))
    board.log.put(Track("run.2", 0, 999_000_000, 108.0, 60.0, ()))
    run_empty(w, board)
    assert board.finish().ghosts == 1


def test_the_track_of_a_fruit_still_on_the_belt_at_the_end_is_no_ghost():
    w = world(EXACTLY)
    board = board_of(w)
    w.advance(START_NS)
    track(w, board, next(w.on_belt()))
    assert board.finish().ghosts == 0


def test_what_was_said_of_ghosts_is_forgotten_in_time():
    w = world(EXACTLY)
    board = board_of(w)
    board.log.put(Track("run.1", 0, 0, 200.0, 60.0, ()))
    board.settle(START_NS + 60 * S)
    assert not board.log.told
