import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, count, percent, span, whatAndRemedy } from "../../dashboard/src/format.js";
import { RANKS, stateWord } from "../../dashboard/src/state_word.js";

const NOW = 1_000_000;
const OPEN = { open: true, since: 0, broker: "ws://b", refused: "" };

function machine(fields = {}) {
  const { metrics, ...rest } = fields;
  return { heardAt: NOW, rate: 10, status: { state: "online" }, alarms: new Map(), metrics: { state: "sorting", verdicts: 5, ...metrics }, ...rest };
}

function alarms(...names) {
  return new Map(names.map((name, n) => [name, { name, severity: name === "overload" ? "warning" : "error", text: `${name} is so: do this`, since: n }]));
}

test("a figure that is old is never shown as if it were live", () => {
  assert.equal(ago(42_000), "42 s ago");
  assert.equal(ago(200), "just now");
  assert.equal(ago(null), "–");
  assert.equal(span(60_000 * 5), "5 min");
  assert.equal(span(3_600_000 * 5), "5 h");
});

test("what is not all is never 100 %, and what is not nothing never 0 %", () => {
  assert.equal(percent(0.99999), "99.9\u202f%");
  assert.equal(percent(1), "100.0\u202f%");
  assert.equal(percent(0.00001), "< 0.1\u202f%");
  assert.equal(percent(0), "0.0\u202f%");
  assert.equal(percent(NaN), "–");
});

test("large numbers can be read", () => {
  assert.equal(count(1234567), "1\u202f234\u202f567");
  assert.equal(count(NaN), "–");
  assert.equal(bytes(1_234_000_000), "1.2\u202fGB");
});

test("an alarm's line falls into what it is and what to do", () => {
  assert.deepEqual(whatAndRemedy("fruit are shed, 9 so far: feed less, or slow the belt"), { what: "fruit are shed, 9 so far", remedy: "feed less, or slow the belt" });
  assert.deepEqual(whatAndRemedy("no remedy"), { what: "no remedy", remedy: "" });
});

test("each state has one word, why, and what to do", () => {
  const cases = [
    [machine(), "SORTING", "ok"],
    [machine({ metrics: { state: "safe" }, alarms: alarms("gate_jammed") }), "SAFE STATE", "stop"],
    [machine({ metrics: { state: "safe" }, alarms: alarms("e_stop") }), "EMERGENCY STOP", "stop"],
    [machine({ alarms: alarms("overload") }), "SORTING", "warn"],
    [machine({ metrics: { feed_inhibit: true } }), "SORTING", "warn"],
    [machine({ metrics: { feed_stopped: true }, alarms: alarms("overload") }), "FEED STOPPED", "warn"],
    [machine({ metrics: { feed_stopped: true }, alarms: alarms("gate_jammed") }), "SORTING", "warn"],
    [machine({ metrics: { state: "starting" } }), "STARTING", "idle"],
    [machine({ status: { state: "stopped" } }), "STOPPED", "idle"],
    [machine({ status: { state: "offline" } }), "OFFLINE", "lost"],
    [machine({ heardAt: NOW - 42_000 }), "SILENT", "lost"],
    [undefined, "WAITING", "idle"],
  ];
  for (const [each, word, tone] of cases) {
    const said = stateWord(each, OPEN, NOW);
    assert.deepEqual([said.word, said.tone], [word, tone]);
    assert.notEqual(said.why, "");
    assert.ok(RANKS.includes(said.kind));
  }
});

test("the first error is why, its remedy what to do", () => {
  const said = stateWord(machine({ metrics: { state: "safe" }, alarms: alarms("overload", "gate_jammed", "safe_state") }), OPEN, NOW);
  assert.equal(said.why, "Gate_jammed is so. (and 1 more)");
  assert.equal(said.todo, "Do this.");
});

test("a silent machine says for how long", () => {
  assert.match(stateWord(machine({ heardAt: NOW - 42_000 }), OPEN, NOW).why, /42 s/);
});

test("without a broker no machine's state is claimed", () => {
  const lost = { open: false, since: NOW - 7_000, broker: "ws://b", refused: "" };
  const said = stateWord(machine(), lost, NOW);
  assert.deepEqual([said.word, said.tone], ["NO CONNECTION", "lost"]);
  assert.match(said.why, /7 s/);
  assert.equal(stateWord(machine(), { ...lost, since: null }, NOW).word, "CONNECTING");
  assert.equal(stateWord(machine(), { ...lost, refused: "wrong user or password" }, NOW).word, "SIGN IN");
});
