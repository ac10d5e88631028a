import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore, receive } from "../../dashboard/src/store.js";
import { rolloutLine, rollouts, spread, updateWord } from "../../dashboard/src/update_word.js";

const OLD = "old@0123456789ab";
const NEW = "new@ba9876543210";

function update(fields = {}) {
  return { state: "idle", active: OLD, offered: null, progress: 0, why: null, text: null, channel: "stable", word: 3, wanted: NEW, by: "rollout", refused: null, waits: null, ...fields };
}

test("an update has a few words, and a reason where it does not come about", () => {
  const cases = [
    [undefined, "", "idle"],
    [update({ active: NEW }), "", "ok"],
    [update({ state: "download", offered: NEW, progress: 0.4 }), "downloads, 40\u202f%", "move"],
    [update({ state: "probation", active: NEW }), "on probation", "move"],
    [update({ refused: NEW, why: "quality", text: "damaged: 40 of 200" }), "refused new: quality", "warn"],
    [update({ waits: "window" }), "new waits for its window", "move"],
    [update({ waits: "profile" }), "a profile is on trial", "move"],
    [update({ why: "expired", text: "too old" }), "no update: expired", "warn"],
    [update({ by: "pin", wanted: OLD }), "pinned", "ok"],
    [update({ state: "a state of tomorrow" }), "a state of tomorrow", "move"],
  ];
  for (const [each, text, tone] of cases) assert.deepEqual([updateWord(each).text, updateWord(each).tone], [text, tone]);
});

test("a rollout counts those whom it has reached, and where they stand", () => {
  const machines = [update({ active: NEW }), update({ active: NEW, state: "probation" }), update({ refused: NEW }), update({ by: "channel", wanted: OLD })].map((each) => ({ update: each }));
  const [one] = rollouts([...machines, { update: null }]);
  assert.deepEqual([one.bundle, one.reached, one.good, one.moving, one.refused], [NEW, 3, 1, 1, 1]);
  assert.equal(rolloutLine(one, 4), "has reached 3 of 4 machines: 1 run it, 1 on the way, 1 refused it");
});

test("bundles that run are counted, and a fleet of many shows the most of them", () => {
  const machines = Array.from({ length: 60 }, (_, n) => ({ info: { bundle: `b${n < 40 ? 0 : n}@0` } }));
  const found = spread([...machines, { info: null, update: update() }, { info: null, update: null }]);
  assert.deepEqual(found[0], { bundle: "b0@0", many: 40 });
  assert.deepEqual(found.at(-1), { bundle: "others", many: 16 });
  assert.equal(found.reduce((sum, each) => sum + each.many, 0), 61);
});

test("a machine's word is kept, and one that was kept by the broker says nothing of its being there", () => {
  const store = createStore();
  const said = { ts_utc: "2026-01-01T00:00:00.000Z", run_id: "r", seq: 1, schema: "sorter.update/1", ...update() };
  const machine = receive(store, "sorter/v1/packing/line-1/update", JSON.stringify(said), Date.parse("2026-06-01"), true);
  assert.equal(machine.update.wanted, NEW);
  assert.equal(machine.heardAt, Date.parse("2026-01-01"));
});
