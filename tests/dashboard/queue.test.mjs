import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_BEHIND, ReviewQueue } from "../../dashboard/src/queue.js";

const encoder = new TextEncoder();

function listed(names, waiting = names.length) {
  return { user: "anna", waiting, people: {}, items: names.map((name) => ({ track_id: name, why: "doubtful", because: "unsure 50 %", at_utc: "2026-01-01T00:00:00Z" })) };
}

function stream(name, sizes = [3, 2]) {
  const shots = sizes.map((bytes, n) => ({ file: `${n + 1}.webp`, bytes }));
  const head = encoder.encode(`${JSON.stringify({ track_id: name, label: "red", shots })}\n[]\n`);
  const pictures = sizes.flatMap((bytes, n) => Array(bytes).fill(n + 10)); // a line's end among them
  return Uint8Array.from([...head, ...pictures]);
}

function parts(name, at = 1e9, fields = {}) {
  const whole = stream(name);
  const cut = [];
  for (let offset = 0; offset < whole.length; offset += at) {
    const data = Buffer.from(whole.subarray(offset, offset + at)).toString("base64");
    cut.push({ user: "anna", track_id: name, offset, total: whole.length, sha256: "x", data, ...fields });
  }
  return cut;
}

function filled(names) {
  const queue = new ReviewQueue("anna");
  queue.take(listed(names));
  for (const name of names) for (const part of parts(name)) queue.hear(part);
  return queue;
}

test("pictures come out of their stream as they went in", () => {
  const queue = filled(["r.1"]);
  assert.deepEqual(queue.current.pictures.map((picture) => [...picture]), [[10, 10, 10], [11, 11]]);
  assert.equal(queue.current.kept.label, "red");
});

test("a stream in many parts is put together, and asked for from where it stands", () => {
  const queue = new ReviewQueue("anna");
  queue.take(listed(["r.1"]));
  const cut = parts("r.1", 20);
  assert.deepEqual(queue.wanted(0), [{ track_id: "r.1", offset: 0 }]);
  assert.deepEqual(queue.wanted(100), []);
  queue.hear(cut[0]);
  assert.deepEqual(queue.wanted(200), [{ track_id: "r.1", offset: 20 }]);
  queue.hear(cut[2]); // one was lost on the way
  assert.equal(queue.current.bytes, 20);
  for (const part of cut.slice(1)) queue.hear(part);
  assert.ok(queue.current.pictures);
});

test("an answer that never comes is asked for again", () => {
  const queue = new ReviewQueue("anna");
  queue.take(listed(["r.1"]));
  queue.wanted(0);
  assert.deepEqual(queue.wanted(2_600), [{ track_id: "r.1", offset: 0 }]);
});

test("a stream that has changed on the way begins anew", () => {
  const queue = new ReviewQueue("anna");
  queue.take(listed(["r.1"]));
  queue.hear({ ...parts("r.1", 20)[0], sha256: "older" });
  queue.hear({ ...parts("r.1", 20)[1], sha256: "newer" });
  assert.equal(queue.current.bytes, 0);
});

test("the next few are asked for before they are wanted, and not too many at once", () => {
  const queue = new ReviewQueue("anna");
  queue.take(listed(["r.1", "r.2", "r.3", "r.4", "r.5"]));
  assert.deepEqual(queue.wanted(0).map(({ track_id }) => track_id), ["r.1", "r.2", "r.3"]);
});

test("what is said to another is not heard", () => {
  const queue = new ReviewQueue("anna");
  queue.take({ ...listed(["r.1"]), user: "berta" });
  assert.equal(queue.current, null);
});

test("a fruit whose pictures are gone, or broken, leaves the row", () => {
  const queue = new ReviewQueue("anna");
  queue.take(listed(["r.1", "r.2", "r.3"]));
  queue.hear({ ...parts("r.1")[0], total: 0, data: "" });
  queue.hear({ ...parts("r.2")[0], data: Buffer.from(stream("r.2").map(() => 10)).toString("base64") });
  assert.deepEqual(queue.items.map((item) => item.track_id), ["r.3"]);
});

test("a word goes on to the next fruit and says how long it took", () => {
  const queue = filled(["r.1", "r.2"]);
  const judged = queue.judge("red", 812.3, 1000);
  assert.deepEqual([judged.item.track_id, judged.seconds, queue.current.track_id], ["r.1", 0.81, "r.2"]);
  assert.equal(queue.judge("red", NaN, 2000).seconds, null);
});

test("undo stands before the fruit again, and again before the one before", () => {
  const queue = filled(["r.1", "r.2", "r.3"]);
  queue.judge("red", 500, 0);
  queue.judge("green", 500, 500);
  assert.equal(queue.undo().track_id, "r.2");
  assert.equal(queue.current.track_id, "r.2");
  assert.equal(queue.undo().track_id, "r.1");
  assert.equal(queue.undo(), null);
  assert.equal(queue.left, 3);
});

test("a word that the machine refuses puts its fruit back in front", () => {
  const queue = filled(["r.1", "r.2", "r.3"]);
  const { item } = queue.judge("red", 500, 0);
  queue.judge("red", 500, 1);
  queue.refused(item);
  assert.equal(queue.current.track_id, "r.1");
  assert.equal(queue.items.length, 3);
});

test("the same fruit comes into the row once, whatever the machine lists", () => {
  const queue = filled(["r.1", "r.2"]);
  queue.judge("red", 500, 0);
  queue.take(listed(["r.1", "r.2", "r.3"]));
  assert.deepEqual(queue.items.map((item) => item.track_id), ["r.1", "r.2", "r.3"]);
});

test("what is behind is bounded", () => {
  const queue = filled(Array.from({ length: 90 }, (_, n) => `r.${n}`));
  for (let n = 0; n < 90; n += 1) queue.judge("red", 500, 1000 * n);
  assert.ok(queue.items.length <= MOST_BEHIND);
  assert.equal(queue.current, null);
  assert.equal(Math.round(queue.pace(90_000)), 60);
});
