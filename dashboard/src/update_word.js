/** What a machine's update is about, in a few words; and how far a rollout has come. Pure. */

import { count, percent } from "./format.js";

const MOVING = {
  check: "looks for releases",
  verify: "checks the signatures",
  stage: "takes it in",
  "self-test": "tests it",
  shadow: "runs it beside",
  activate: "waits to start on it",
  probation: "on probation",
  commit: "keeps it",
  rollback: "goes back",
  failed: "goes back",
};
const MOST_BUNDLES = 6;

/** {text, tone, title}; tone is ok, move, warn or idle, text empty where there is nothing to say. */
export function updateWord(update) {
  if (!update) return say("", "idle");
  const { state, offered, why, text } = update;
  if (state === "download") return say(`downloads, ${percent(update.progress, 0)}`, "move", offered);
  if (state !== "idle") return say(MOVING[state] ?? String(state), "move", offered);
  if (update.refused) return say(`refused ${name(update.refused)}: ${why ?? "it was not good"}`, "warn", text);
  if (update.waits === "profile") return say("a profile is on trial", "move");
  if (update.waits) return say(`${name(update.wanted)} waits for its window`, "move", update.wanted);
  if (why) return say(`no update: ${why}`, "warn", text);
  if (update.by === "pin") return say("pinned", "ok", update.wanted);
  return say("", "ok");
}

/** What a machine runs: as its update process has chosen, else as it said when it started. */
export function bundleOf(machine) {
  return machine.update?.active ?? machine.info?.bundle ?? null;
}

/** Bundles to how many machines run them, most first; what is beyond a few is one. */
export function spread(machines) {
  const found = new Map();
  for (const machine of machines) {
    const bundle = bundleOf(machine);
    if (bundle) found.set(bundle, (found.get(bundle) ?? 0) + 1);
  }
  const all = [...found].map(([bundle, many]) => ({ bundle, many })).sort((a, b) => b.many - a.many || (a.bundle < b.bundle ? -1 : 1));
  const rest = all.splice(MOST_BUNDLES).reduce((sum, each) => sum + each.many, 0);
  return rest ? [...all, { bundle: "others", many: rest }] : all;
}

/** Each rollout that a machine has told of: whom it has reached, and what became of it there. */
export function rollouts(machines) {
  const found = new Map();
  for (const { update } of machines) {
    if (update?.by !== "rollout" || !update.wanted) continue;
    const key = `${update.channel} ${update.wanted}`;
    const one = found.get(key) ?? { key, channel: update.channel, bundle: update.wanted, reached: 0, good: 0, refused: 0, moving: 0 };
    one.reached += 1;
    if (update.refused === update.wanted) one.refused += 1;
    else if (update.active === update.wanted && update.state === "idle") one.good += 1;
    else one.moving += 1;
    found.set(key, one);
  }
  return [...found.values()].sort((a, b) => b.reached - a.reached);
}

/** The line of a rollout; `all` machines follow its channel. */
export function rolloutLine(rollout, all) {
  const parts = [`${count(rollout.good)} run it`, rollout.moving && `${count(rollout.moving)} on the way`, rollout.refused && `${count(rollout.refused)} refused it`];
  return `has reached ${count(rollout.reached)} of ${count(all)} machines: ${parts.filter(Boolean).join(", ")}`;
}

function say(text, tone, title = null) {
  return { text, tone, title: title ?? "" };
}

function name(bundle) {
  return String(bundle ?? "").split("@")[0];
}
