/** One word for how a machine is, why, and what to do. Pure. */

import { ago, count, decimal, sentence, span, whatAndRemedy } from "./format.js";

export const SILENT_MS = 5000;

/** Worst first: what a fleet is ordered by. */
export const RANKS = ["safe", "offline", "silent", "error", "warning", "starting", "stopped", "waiting", "sorting"];

/**
 * `link`: {open, since, broker, refused}; `machine` may be undefined. Answers {word, tone, kind, why, todo}; tone is ok,
 * warn, stop, lost or idle.
 */
export function stateWord(machine, link, now) {
  if (!link.open) return noConnection(link, now);
  if (!machine) return waiting("No machine has spoken on this broker yet.");
  const heard = now - (machine.heardAt ?? now);
  const state = machine.status?.state;
  if (state === "stopped") {
    return say("stopped", "STOPPED", "idle", "It was told to stop.", "Start the sorter service when you want it to sort.");
  }
  if (state === "offline") {
    const why = `The broker has lost it; last heard ${ago(heard)}.`;
    return say("offline", "OFFLINE", "lost", why, "Check its power and its network. It may well be sorting on by itself.");
  }
  if (!machine.metrics) return state ? waiting("It is there; its first figures are on their way.") : waiting("Waiting for its first word.");
  if (heard > SILENT_MS) {
    const why = `Nothing heard for ${span(heard)}: what is shown is from then.`;
    return say("silent", "SILENT", "lost", why, "Check the machine's network. It may well be sorting on by itself.");
  }
  return running(machine);
}

function noConnection(link, now) {
  if (link.refused) return say("waiting", "SIGN IN", "idle", `The broker refuses: ${link.refused}.`, "Sign in with a user of this plant.");
  if (link.since === null) return say("waiting", "CONNECTING", "idle", `Asking ${link.broker ?? "for a broker"}.`, "");
  const why = `The broker ${link.broker ?? ""} has not answered for ${span(now - link.since)}.`;
  return say("silent", "NO CONNECTION", "lost", why, "Machines sort on by themselves. This page comes back by itself.");
}

function waiting(why) {
  return say("waiting", "WAITING", "idle", why, "");
}

function running(machine) {
  const { metrics } = machine;
  const all = [...machine.alarms.values()].sort((a, b) => a.since - b.since);
  const causes = all.filter((alarm) => alarm.name !== "safe_state");
  const alarms = causes.some((alarm) => alarm.severity === "error") ? causes : all;
  const worst = alarms.find((alarm) => alarm.severity === "error") ?? alarms[0];
  const told = worst ? whatAndRemedy(worst.text) : { what: "", remedy: "" };
  const more = alarms.length > 1 ? ` (and ${alarms.length - 1} more)` : "";
  if (metrics.state === "safe" || metrics.state === "held") {
    const why = told.what || "every gate is released and all fruit run to the belt's end";
    return say("safe", worst?.name === "e_stop" ? "EMERGENCY STOP" : "SAFE STATE", "stop", sentence(why) + more, sentence(told.remedy));
  }
  if (metrics.state === "stopped") return say("stopped", "STOPPED", "idle", "It was told to stop.", "");
  if (metrics.state === "starting") return say("starting", "STARTING", "idle", "It tests itself and waits for the first picture.", "");
  // What a person asked for comes before a warning, and hides no error.
  if (metrics.feed_stopped && worst?.severity !== "error") {
    const beside = alarms.length ? ` (and ${alarms.length} more)` : "";
    return say("warning", "FEED STOPPED", "warn", `Upstream is asked for nothing.${beside}`, "Let it feed again when the reason is gone.");
  }
  if (worst) {
    const kind = worst.severity === "error" ? "error" : "warning";
    return say(kind, "SORTING", "warn", sentence(told.what) + more, sentence(told.remedy));
  }
  if (metrics.feed_inhibit) return say("warning", "SORTING", "warn", "Upstream is asked for less.", "Feed less, or slow the belt.");
  const pace = Number.isFinite(machine.rate) ? `${decimal(machine.rate)} fruit a second, ` : "";
  return say("sorting", "SORTING", "ok", `${pace}${count(metrics.verdicts)} since it started.`, "Nothing to do.");
}

function say(kind, word, tone, why, todo) {
  return { kind, word, tone, why, todo, rank: RANKS.indexOf(kind) };
}
