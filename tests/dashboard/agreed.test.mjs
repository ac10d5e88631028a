import assert from "node:assert/strict";
import { test } from "node:test";
import { budget } from "../../dashboard/src/agreed.js";

const AGREED = { info: { agreed: { in_time: 0.995 } } };

test("a figure is coloured by what was agreed, not by a limit of the page's own", () => {
  assert.equal(budget(AGREED, "in_time", 5, 1000).isMissed, false);
  assert.equal(budget(AGREED, "in_time", 6, 1000).isMissed, true);
  assert.equal(budget(AGREED, "in_time", 0, 0).isMissed, false);
  assert.match(budget(AGREED, "in_time", 6, 1000).words, /at most 0\.5/);
  assert.equal(budget({ info: { agreed: { in_time: 0.9 } } }, "in_time", 6, 1000).isMissed, false);
});

test("where nothing is agreed, as with an older machine, each one counts", () => {
  assert.deepEqual(budget({ info: {} }, "in_time", 1, 1000), { isMissed: true, words: "" });
  assert.equal(budget(undefined, "in_time", 0, 0).isMissed, false);
});
