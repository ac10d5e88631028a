/**
 * From messages to state. Pure: it reads no clock and no document, and holds a bounded amount whatever arrives.
 * Times are milliseconds of the page's clock, as the caller gives them.
 */

import { addTrack, newDetail, seeLabel, seeMetrics, seePreview } from "./detail.js";
import { note, noteAlarm } from "./timeline.js";

export const MOST_MACHINES = 2000;
export const MOST_DETAILS = 2;
export const MOST_ALARMS = 100;
const MOST_PARTS = 32;
const SEEN = 4096;
/** Characters of one message, and of one with pictures: no machine says more. */
const MOST_TEXT = 65_536;
const MOST_PREVIEW = 262_144;

export function createStore() {
  return { machines: new Map(), details: [], version: 0, ignored: 0 };
}

/** The machine of a key "site/machine", or undefined. */
export function machineOf(store, key) {
  return store.machines.get(key);
}

/** Keep the history of this machine from now on; of the others only the last few are kept. */
export function focus(store, key) {
  const machine = store.machines.get(key);
  if (!machine) return;
  if (!machine.detail) machine.detail = newDetail();
  store.details = [key, ...store.details.filter((other) => other !== key)];
  for (const gone of store.details.splice(MOST_DETAILS)) {
    const left = store.machines.get(gone);
    if (left) left.detail = null;
  }
}

/**
 * Take one message. `text` is its payload, `retained` whether the broker had kept it: then it was not said now.
 * Whatever is no message of a machine is counted and passed over.
 */
export function receive(store, topic, text, now, retained = false) {
  const [root, version, site, name, ...rest] = topic.split("/");
  if (root !== "sorter" || version !== "v1" || !site || !name) return ignore(store);
  const take = Object.hasOwn(TAKES, rest[0] ?? "") ? TAKES[rest[0]] : null;
  if (!take || text.length > (rest[0] === "preview" ? MOST_PREVIEW : MOST_TEXT)) return ignore(store);
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    return ignore(store);
  }
  if (typeof said !== "object" || said === null || typeof said.schema !== "string") return ignore(store);
  const machine = machineFor(store, site, name);
  if (!machine || isRepeat(machine, said)) return ignore(store);
  try {
    hear(machine, said, now, retained);
    take(machine, said, now, rest);
  } catch {
    return ignore(store); // not of the shape that its schema promises: another machine's page goes on
  }
  store.version += 1;
  return machine;
}

function ignore(store) {
  store.ignored += 1;
  return null;
}

function machineFor(store, site, name) {
  const key = `${site}/${name}`;
  let machine = store.machines.get(key);
  if (!machine && store.machines.size < MOST_MACHINES) {
    machine = newMachine(key, site, name);
    store.machines.set(key, machine);
  }
  return machine;
}

function newMachine(key, site, name) {
  return {
    key,
    site,
    name,
    status: null,
    statusAt: null,
    info: null,
    metrics: null,
    update: null,
    quality: null,
    rate: null,
    heardAt: null,
    runId: null,
    offset: null,
    alarms: new Map(),
    toldAlarms: new Map(),
    timeline: [],
    results: new Map(),
    review: null,
    parts: [],
    lost: 0,
    seen: new Set(),
    detail: null,
  };
}

/** Delivery is at least once: the pair of run and number tells a repeat. 0 is outside the count. */
function isRepeat(machine, said) {
  if (!said.seq) return false;
  const id = `${said.run_id}:${said.seq}`.slice(0, 80);
  if (machine.seen.has(id)) return true;
  machine.seen.add(id);
  if (machine.seen.size > SEEN) machine.seen.delete(machine.seen.values().next().value);
  return false;
}

/** When the machine spoke last, on the page's clock; the smallest gap between the two clocks is their difference. */
function hear(machine, said, now, retained) {
  const then = Date.parse(said.ts_utc);
  if (retained || said.state === "offline") {
    if (machine.heardAt === null && Number.isFinite(then)) machine.heardAt = Math.min(then, now);
    return;
  }
  machine.heardAt = now;
  if (!Number.isFinite(then)) return;
  const gap = now - then;
  machine.offset = machine.offset === null ? gap : Math.min(gap, machine.offset + 2);
}

const TAKES = {
  status(machine, said, now) {
    if (machine.status?.state !== said.state || machine.status?.run_id !== said.run_id) {
      note(machine, now, said.state === "online" ? "info" : "warning", STATUS_WORDS[said.state] ?? said.state, said);
    }
    machine.status = said;
    machine.statusAt = now;
    if (said.state === "online") begin(machine, said.run_id);
  },
  info(machine, said) {
    machine.info = said;
    begin(machine, said.run_id);
  },
  update(machine, said) {
    machine.update = said;
  },
  quality(machine, said) {
    machine.quality = said;
  },
  metrics(machine, said, now) {
    begin(machine, said.run_id);
    const before = machine.metrics;
    if (before && before.run_id === said.run_id) {
      const seconds = (Date.parse(said.ts_utc) - Date.parse(before.ts_utc)) / 1000;
      if (seconds <= 0) return;
      machine.rate = Math.max(0, said.verdicts - before.verdicts) / seconds;
      if (before.state !== said.state) note(machine, now, said.state === "safe" ? "error" : "info", LINE_WORDS[said.state] ?? said.state, said);
    }
    machine.metrics = said;
    agree(machine, said, now);
    if (machine.detail) seeMetrics(machine, said, now);
  },
  tracks(machine, said, now) {
    if (machine.detail) addTrack(machine, said, now);
  },
  preview(machine, said, now) {
    if (machine.detail) seePreview(machine, said, now);
  },
  review(machine, said) {
    if (Array.isArray(said.items)) machine.review = said;
  },
  pictures(machine, said) {
    machine.parts.push(said);
    if (machine.parts.length > MOST_PARTS) machine.parts.shift();
  },
  alarm(machine, said, now) {
    machine.toldAlarms.set(said.name, said.seq);
    if (machine.toldAlarms.size > MOST_ALARMS) machine.toldAlarms.delete(machine.toldAlarms.keys().next().value);
    const isNews = said.state !== "raised" || machine.alarms.get(said.name)?.text !== said.text;
    if (said.state === "cleared") machine.alarms.delete(said.name);
    else {
      const since = machine.alarms.get(said.name)?.since ?? Date.parse(said.ts_utc);
      machine.alarms.set(said.name, { name: said.name, severity: said.severity, text: said.text, since, by: said.by ?? null });
      if (machine.alarms.size > MOST_ALARMS) machine.alarms.delete(machine.alarms.keys().next().value);
    }
    if (isNews) noteAlarm(machine, now, said);
  },
  incidents(machine, said, now) {
    for (const past of said.past.slice(-MOST_ALARMS)) noteAlarm(machine, now, past);
  },
  cmd(machine, said, now, rest) {
    if (rest[3] !== "result") return;
    machine.results.set(said.id, said);
    if (machine.results.size > 200) machine.results.delete(machine.results.keys().next().value);
    if (said.name !== "feed" && said.outcome === "done") return; // labels and acknowledgements are told by themselves
    if (said.name === "review" || said.name === "pictures") return; // its page says so
    const what = `${said.user}: ${said.name}: ${said.outcome}, ${said.text}`;
    note(machine, now, said.outcome === "done" ? "info" : "warning", what, said);
  },
  gap(machine, said, now) {
    machine.lost = said.total ?? machine.lost;
    note(machine, now, "warning", `${said.messages ?? "some"} messages lost (${LOSSES[said.reason] ?? said.reason})`, said);
  },
  labels(machine, said) {
    if (machine.detail) seeLabel(machine.detail, said);
  },
};

const LOSSES = {
  evicted: "no room for more",
  expired: "too old",
  unwritable: "the disk took nothing",
  killed: "the run was killed",
  power: "the power was cut",
  corrupt: "a file was damaged",
  connection: "the connection broke, they were said again",
};
const LINE_WORDS = { safe: "the line is in the safe state", sorting: "the line sorts", starting: "the line starts", stopped: "the line was told to stop" };
const STATUS_WORDS = { online: "the machine is online", offline: "the broker has lost the machine", stopped: "the machine has left on purpose" };

/** A new run has no alarm of the last one. */
function begin(machine, runId) {
  if (machine.runId === runId) return;
  if (machine.runId !== null) {
    machine.alarms.clear();
    machine.toldAlarms.clear();
    machine.metrics = null;
    machine.rate = null;
    if (machine.detail) machine.detail.fruit.clear();
  }
  machine.runId = runId;
}

/**
 * Metrics name every alarm that is raised now: a page that came later, or missed one, agrees again within a second. An
 * alarm's own word counts more where it is the later one, whichever comes first.
 */
function agree(machine, said, now) {
  if (!Array.isArray(said.alarms)) return;
  const open = new Set(said.alarms.map((alarm) => alarm.name));
  const isOlder = (name) => (machine.toldAlarms.get(name) ?? 0) > said.seq;
  for (const name of machine.alarms.keys()) if (!open.has(name) && !isOlder(name)) machine.alarms.delete(name);
  for (const alarm of said.alarms.slice(0, MOST_ALARMS)) {
    if (isOlder(alarm.name)) continue;
    const since = Date.parse(alarm.since_utc);
    const isKnown = machine.alarms.has(alarm.name);
    const by = alarm.acknowledged_by ?? null;
    machine.alarms.set(alarm.name, { name: alarm.name, severity: alarm.severity, text: alarm.text, since, by });
    if (!isKnown) note(machine, now, alarm.severity, `raised: ${alarm.text}`, { ts_utc: alarm.since_utc }, alarm.name);
  }
}
