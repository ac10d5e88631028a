import assert from "node:assert/strict";
import { test } from "node:test";
import { beltAt, MOST_CROPS, quantile, summary } from "../../dashboard/src/detail.js";
import { createStore, focus, machineOf, MOST_MACHINES, MOST_ALARMS, receive } from "../../dashboard/src/store.js";
import { MOST_TIMELINE } from "../../dashboard/src/timeline.js";

const T0 = Date.parse("2026-01-01T00:00:00Z");
const ROOT = "sorter/v1/desk/demo";
const LAYOUT = {
  view_mm: [448, 336],
  speed_mm_s: 600,
  lanes: [[48, 168]],
  gates: { red_0: { lane: 0, outlet: "red", x_mm: 640 } },
  route: { red: "red", green: "green", turning: "turning", damaged: "damaged" },
};
let seq = 0;

function message(schema, fields, at = T0, given = undefined) {
  return JSON.stringify({ ts_utc: new Date(at).toISOString(), run_id: "run", seq: given ?? (seq += 1), schema: `sorter.${schema}/1`, ...fields });
}

function say(store, topic, schema, fields, at = T0, retained = false) {
  return receive(store, `${ROOT}/${topic}`, message(schema, fields, at), at, retained);
}

function metrics(fields = {}) {
  return { state: "sorting", verdicts: 10, fired: 9, late: 0, refused: 0, step_p99_ms: 5, alarms: [], ...fields };
}

function track(n, fields = {}) {
  return { track_id: `run.${n}`, label: "red", confidence: 0.9, unknown_score: 0, scores: { red: 0.6, green: 0.1, turning: 0.1, damaged: 0.2 }, outlet: "red", reason: "graded", result: "fired", ...fields };
}

test("what the audit tells of a machine's quality is kept", () => {
  const { store, machine } = watched();
  say(store, "quality", "quality", { share: 0.02, accuracy: { value: 0.95, low: 0.9, high: 0.98, inspected: 60 } }, T0, true);
  assert.equal(machine.quality.accuracy.value, 0.95);
});

function watched() {
  const store = createStore();
  say(store, "info", "info", { bundle: "b@1", labels: [], gates: {}, lanes: 1, layout: LAYOUT }, T0, true);
  focus(store, "desk/demo");
  return { store, machine: machineOf(store, "desk/demo") };
}

test("what is no message of a machine is counted and changes nothing", () => {
  const store = createStore();
  for (const [topic, text] of [["other/v1/a/b/status", "{}"], ["sorter/v2/a/b/status", "{}"], ["sorter/v1/a", "{}"], [`${ROOT}/status`, "not json"], [`${ROOT}/status`, "null"], [`${ROOT}/status`, "[1]"], [`${ROOT}/nothing`, message("x", {})]]) {
    receive(store, topic, text, T0);
  }
  assert.equal(store.ignored, 7);
  assert.equal([...store.machines.values()].filter((m) => m.status || m.metrics).length, 0);
});

test("a name from Object's own is no topic", () => {
  const store = createStore();
  receive(store, `${ROOT}/constructor`, message("status", { state: "online" }), T0);
  receive(store, `${ROOT}/__proto__`, message("status", { state: "online" }), T0);
  assert.equal(store.version, 0);
});

test("a machine that has spoken is heard now, one that the broker remembers is not", () => {
  const store = createStore();
  receive(store, `${ROOT}/status`, message("status", { state: "online" }, T0 - 60_000), T0, true);
  assert.equal(machineOf(store, "desk/demo").heardAt, T0 - 60_000);
  say(store, "metrics", "metrics", metrics());
  assert.equal(machineOf(store, "desk/demo").heardAt, T0);
});

test("a last will is not the machine's own word", () => {
  const store = createStore();
  say(store, "metrics", "metrics", metrics());
  receive(store, `${ROOT}/status`, message("status", { state: "offline" }, T0, 0), T0 + 9_000);
  assert.equal(machineOf(store, "desk/demo").heardAt, T0);
  assert.equal(machineOf(store, "desk/demo").status.state, "offline");
});

test("a repeat counts once", () => {
  const { store, machine } = watched();
  const text = message("track", track(1));
  for (let n = 0; n < 3; n += 1) receive(store, `${ROOT}/tracks`, text, T0);
  assert.equal(summary(machine.detail, T0).n, 1);
});

test("the rate is that of verdicts between two metrics of one run", () => {
  const { store, machine } = watched();
  say(store, "metrics", "metrics", metrics({ verdicts: 10 }));
  say(store, "metrics", "metrics", metrics({ verdicts: 30 }), T0 + 2_000);
  assert.equal(machine.rate, 10);
});

test("a new run has none of the last one's alarms", () => {
  const { store, machine } = watched();
  say(store, "alarm/overload", "alarm", { name: "overload", state: "raised", severity: "warning", text: "a: b" });
  assert.equal(machine.alarms.size, 1);
  receive(store, `${ROOT}/status`, message("status", { state: "online", run_id: "next" }), T0 + 1);
  assert.equal(machine.alarms.size, 0);
});

test("an alarm is raised, and cleared by its word or by metrics that no longer name it", () => {
  const { store, machine } = watched();
  const open = { name: "overload", severity: "warning", text: "a: b", since_utc: new Date(T0).toISOString() };
  say(store, "metrics", "metrics", metrics({ alarms: [open] }));
  assert.equal(machine.alarms.get("overload").since, T0);
  say(store, "alarm/overload", "alarm", { name: "overload", state: "cleared", severity: "warning", text: "a: b" });
  assert.equal(machine.alarms.size, 0);
  say(store, "metrics", "metrics", metrics({ alarms: [open], verdicts: 11 }), T0 + 1_000);
  say(store, "metrics", "metrics", metrics({ verdicts: 12 }), T0 + 2_000);
  assert.equal(machine.alarms.size, 0);
});

test("purity counts ripeness by its share of what is sound", () => {
  const { store, machine } = watched();
  say(store, "tracks", "track", track(1));
  const { outlets } = summary(machine.detail, T0);
  assert.ok(Math.abs(outlets.red.pure - 0.6 / 0.8) < 1e-9);
});

test("an hour of history is kept and not more, however fast fruit pass", () => {
  const { store, machine } = watched();
  const every = 500;
  for (let at = T0; at < T0 + 5_400_000; at += every) say(store, "tracks", "track", track(at), at);
  const end = T0 + 5_400_000;
  assert.ok(machine.detail.buckets.size <= 361);
  assert.ok(summary(machine.detail, end).n <= 3_610_000 / every);
  assert.ok(machine.seen.size <= 4096);
  assert.ok(machine.detail.recent.length <= 50);
});

test("what a machine says of itself at length stays bounded", () => {
  const { store, machine } = watched();
  for (let n = 0; n < 3 * MOST_TIMELINE; n += 1) say(store, `alarm/a${n}`, "alarm", { name: `a${n}`, state: n % 2 ? "cleared" : "raised", severity: "warning", text: "x" });
  assert.equal(machine.timeline.length, MOST_TIMELINE);
  assert.equal(machine.alarms.size, MOST_ALARMS);
  for (let n = 0; n < 500; n += 1) {
    const crop = { track_id: `run.${n}`, why: "random", jpeg: "A", label: "red", confidence: 0.5 };
    const verdict = { track_id: `run.${n}`, lane: 0, origin_mm: 0, y_mm: 0, length_mm: 50, label: "red", outlet: "red", latency_ms: 1, slack_ms: 1 };
    say(store, "preview", "preview", { seq: 0, belt_mm: 0, speed_mm_s: 600, verdicts: [verdict], crops: [crop] });
  }
  assert.equal(machine.detail.crops.length, MOST_CROPS);
  assert.ok(machine.detail.fruit.size <= 400);
});

test("no number of machines grows without end, and only those looked at have a history", () => {
  const store = createStore();
  for (let n = 0; n < MOST_MACHINES + 50; n += 1) receive(store, `sorter/v1/desk/m${n}/metrics`, message("metrics", metrics()), T0);
  assert.equal(store.machines.size, MOST_MACHINES);
  for (let n = 0; n < 5; n += 1) focus(store, `desk/m${n}`);
  assert.equal([...store.machines.values()].filter((m) => m.detail).length, 2);
});

test("the belt goes on at its speed between two messages, and a late message is no jolt", () => {
  const { store, machine } = watched();
  const preview = (mm, at, heard) => receive(store, `${ROOT}/preview`, message("preview", { seq: 0, belt_mm: mm, speed_mm_s: 600, verdicts: [] }, at), heard);
  preview(1000, T0, T0 + 10);
  assert.ok(Math.abs(beltAt(machine.detail, T0 + 110) - 1060) < 1);
  preview(1120, T0 + 200, T0 + 290);
  assert.ok(Math.abs(beltAt(machine.detail, T0 + 310) - 1180) < 12);
});

test("pictures wait for a judge: those that nobody has judged go first", () => {
  const { store, machine } = watched();
  const crop = (n) => ({ track_id: `run.${n}`, why: "doubtful", jpeg: "A", label: "red", confidence: 0.5 });
  say(store, "preview", "preview", { seq: 0, belt_mm: 0, speed_mm_s: 600, crops: [crop(1), crop(2)] });
  say(store, "labels", "label", { track_id: "run.1", label: "green", user: "anna" });
  for (let n = 3; n < MOST_CROPS + 3; n += 1) say(store, "preview", "preview", { seq: 0, belt_mm: 0, speed_mm_s: 600, crops: [crop(n)] });
  const kept = machine.detail.crops.map((each) => each.track_id);
  assert.ok(kept.includes("run.1"));
  assert.ok(!kept.includes("run.2"));
});

test("quantiles are nearest ranks, of nothing not a number", () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([3, 1, 2], 0), 1);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test("messages of any wrong shape are passed over, and the next good one counts", () => {
  const { store, machine } = watched();
  const wrong = [null, 1, "x", [], {}, [null], { a: null }, -1e308];
  for (const topic of ["status", "info", "metrics", "tracks", "preview", "alarm/x", "labels", "gap", "cmd/a/b/result"]) {
    for (const value of wrong) {
      const fields = Object.fromEntries(["state", "alarms", "verdicts", "crops", "picture", "scores", "outlet", "label", "layout", "name", "text", "belt_mm"].map((name) => [name, value]));
      say(store, topic, "x", fields);
    }
  }
  say(store, "info", "info", { layout: LAYOUT });
  say(store, "tracks", "track", track(1));
  assert.ok(summary(machine.detail, T0).labels.red >= 1);
});

test("an alarm that overtakes the metrics before it is told once and stays", () => {
  const { store, machine } = watched();
  const alarm = { name: "safe_state", state: "raised", severity: "error", text: "a: b" };
  receive(store, `${ROOT}/alarm/safe_state`, message("alarm", alarm, T0, 901), T0);
  receive(store, `${ROOT}/metrics`, message("metrics", metrics({ state: "safe" }), T0, 900), T0);
  assert.equal(machine.alarms.size, 1);
  const open = [{ name: "safe_state", severity: "error", text: "a: b", since_utc: new Date(T0).toISOString() }];
  receive(store, `${ROOT}/metrics`, message("metrics", metrics({ state: "safe", alarms: open, verdicts: 12 }), T0 + 1_000, 902), T0 + 1_000);
  assert.equal(machine.timeline.filter((entry) => entry.alarm === "safe_state").length, 1);
});

test("messages that nobody will get are told of", () => {
  const { store, machine } = watched();
  say(store, "gap", "gap", { of_run: "run", reason: "evicted", from_seq: 3, to_seq: 9, messages: 7, total: 7 });
  assert.equal(machine.lost, 7);
  assert.match(machine.timeline[0].text, /7 messages lost \(no room for more\)/);
});

test("a topic that no machine has makes no machine, and what is too long is no message", () => {
  const store = createStore();
  receive(store, "sorter/v1/desk/ghost/nothing", message("x", {}), T0);
  receive(store, "sorter/v1/desk/ghost/status", message("status", { state: "x".repeat(70_000) }), T0);
  assert.equal(store.machines.size, 0);
  say(store, "preview", "preview", { seq: 0, belt_mm: 0, speed_mm_s: 600, picture: { jpeg: "A".repeat(70_000), age_ms: 0, boxes: [] } });
  assert.equal(store.machines.size, 1);
});

test("names without end are counted under one", () => {
  const { store, machine } = watched();
  for (let n = 0; n < 500; n += 1) say(store, "tracks", "track", track(n, { label: `l${n}`, outlet: `o${n}`, reason: `r${n}`, result: `x${n}` }));
  for (let n = 0; n < 5000; n += 1) say(store, "labels", "label", { track_id: `run.${n}`, label: "red", user: "anna" });
  const [bucket] = machine.detail.buckets.values();
  for (const name of ["labels", "reasons", "results", "outlets"]) assert.ok(Object.keys(bucket[name]).length <= 33);
  assert.equal(summary(machine.detail, T0).n, 500);
  assert.ok(machine.detail.labels.size <= 1000);
  say(store, "gap", "gap", { reason: "x".repeat(10_000), messages: 1, total: 1 });
  assert.ok(machine.timeline[0].text.length <= 500);
});

test("a page that comes later is told what has been, in its order and once", () => {
  const { store, machine } = watched();
  const utc = (s) => new Date(T0 + 1000 * s).toISOString();
  const alarm = (state, s, more = {}) => ({ ts_utc: utc(s), name: "lens_dirty", state, severity: "warning", text: "dirt: wipe it", by: null, ...more });
  say(store, "status", "status", { state: "online" }, T0 - 90_000);
  const past = [alarm("raised", -60), alarm("acknowledged", -50, { by: "anna" }), alarm("cleared", -40), alarm("raised", -5)];
  say(store, "incidents", "incidents", { past }, T0, true);
  const open = [{ name: "lens_dirty", severity: "warning", text: "dirt: wipe it", since_utc: utc(-5) }];
  say(store, "metrics", "metrics", metrics({ alarms: open }));
  say(store, "alarm/lens_dirty", "alarm", alarm("cleared", 3), T0 + 3_000);
  say(store, "incidents", "incidents", { past: [...past.slice(1), alarm("cleared", 3)] }, T0 + 4_000);
  const lines = machine.timeline.map((entry) => `${(entry.at - T0) / 1000} ${entry.text}`);
  assert.deepEqual(lines, ["3 cleared: dirt: wipe it", "-5 raised: dirt: wipe it", "-40 cleared: dirt: wipe it", "-50 acknowledged by anna: dirt: wipe it", "-60 raised: dirt: wipe it", "-90 the machine is online"]);
  assert.equal(machine.alarms.size, 0);
});
