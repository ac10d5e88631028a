from edge.telemetry.messages import Message
from edge.telemetry.rows import Batch, EarlierRun
from edge.telemetry.store import Store


def test_fruit_on_their_way_keep_no_others_from_going_before_the_counters(tmp_path):
    store = Store(tmp_path, most_bytes=1, most_s=60)
    store.open()
    kinds = ["metrics"] * 3 + ["track"] * 400
    messages = [Message(kind, "t", b"{}", False, "run", n) for n, kind in enumerate(kinds)]
    rows = store.commit(Batch(EarlierRun("run", "boot", 0), messages=messages), 0)
    flying = set(rows[3:303])
    victims, _ = store.victims(0, flying)
    assert [row.id for row in victims] == rows[303:403]
    store.evict(victims, ())
    victims, _ = store.victims(0, flying)
    assert [row.id for row in victims] == rows[:2]
    store.evict(victims, ())
    victims, _ = store.victims(0, set())
    assert [row.id for row in victims] == rows[3:103]
    store.close()
