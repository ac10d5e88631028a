from edge.config import Encoder
from edge.datapath import BeltSample
from edge.sort.bounces import Bounces
from tests.edge.profiles import demo

PROFILE = demo().model_copy(update={"encoder": Encoder(pin_a=20, pin_b=21, um_per_edge=500)})
MS = 1_000_000


def told(refused_a_second, seconds, profile=PROFILE, speed_um_s=600_000):
    """What is told by a sample every 20 ms; `refused_a_second(s)` edges are refused in second s."""
    bounces, refused, found = Bounces(profile), 0.0, []
    for n in range(seconds * 50):
        refused += refused_a_second(n // 50) / 50
        sample = BeltSample(n * 20 * MS, n * speed_um_s // 50, speed_um_s, round(refused))
        found += [(n / 50, one.raised) for one in bounces.hear(sample)]
    return found


def test_edges_that_bounce_all_the_time_are_told_of_once_and_cleared_when_it_is_over():
    (raised, cleared) = told(lambda s: 500 if 5 <= s < 15 else 0, 30)
    assert 5 < raised[0] <= 7.1 and raised[1]
    assert 17 < cleared[0] <= 21 and not cleared[1]


def test_a_refused_edge_now_and_then_is_nothing():
    assert told(lambda s: 8, 60) == []
    assert told(lambda s: 40, 60) == []  # of 1,200 a second


def test_without_an_encoder_nothing_bounces():
    assert told(lambda s: 500, 10, profile=demo()) == []
