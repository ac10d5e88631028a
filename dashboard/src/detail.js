/** The history and the moving belt of one machine that is looked at. Pure and bounded, as the store is. */

export const HISTORY_MS = 3_600_000;
export const BUCKET_MS = 10_000;
export const BINS = 20;
export const MOST_CROPS = 96;
export const MOST_FRUIT = 400;
const MOST_POINTS = 3700;
const MOST_TIMES = 500;
const MOST_LABELS = 1000;
const MOST_NAMES = 32;
const SNAP_MM = 40;

export function newDetail() {
  return {
    series: { t: [], rate: [], stepP99: [], gateP99: [], inference: [], queued: [] },
    buckets: new Map(),
    latency: [],
    slack: [],
    belt: null,
    fruit: new Map(),
    picture: null,
    pictureAt: null,
    previewAt: null,
    crops: [],
    labels: new Map(),
    recent: [],
  };
}

export function seeMetrics(machine, said, now) {
  const series = machine.detail.series;
  const values = {
    t: now / 1000,
    rate: machine.rate,
    stepP99: said.step_p99_ms,
    gateP99: said.gate_late_p99_ms,
    inference: said.inference_p50_ms,
    queued: said.queued_messages,
  };
  for (const name of Object.keys(series)) {
    series[name].push(values[name] ?? null);
    if (series[name].length > MOST_POINTS) series[name].splice(0, 100);
  }
}

/** A fruit of which all is known: it counts in the ten seconds in which the machine said so. */
export function addTrack(machine, said, now) {
  const detail = machine.detail;
  const then = Date.parse(said.ts_utc) + Math.max(0, machine.offset ?? 0);
  const at = Math.floor((Number.isFinite(then) ? Math.min(then, now) : now) / BUCKET_MS) * BUCKET_MS;
  if (now - at <= HISTORY_MS) {
    if (!detail.buckets.has(at)) detail.buckets.set(at, newBucket());
    countIn(detail.buckets.get(at), said, machine.info?.layout?.route);
  }
  if (detail.buckets.size > HISTORY_MS / BUCKET_MS) forget(detail.buckets, now);
  const fruit = detail.fruit.get(said.track_id);
  if (fruit) fruit.result = said.result;
  detail.recent.unshift({ ...said, at: now });
  if (detail.recent.length > 50) detail.recent.length = 50;
}

function forget(buckets, now) {
  for (const at of buckets.keys()) if (now - at > HISTORY_MS) buckets.delete(at);
  while (buckets.size > HISTORY_MS / BUCKET_MS) buckets.delete(buckets.keys().next().value);
}

export function newBucket() {
  return {
    n: 0,
    labels: {},
    reasons: {},
    results: {},
    outlets: {},
    confidence: new Array(BINS).fill(0),
    unknown: 0,
  };
}

function countIn(bucket, said, route) {
  bucket.n += 1;
  bump(bucket.labels, said.label);
  bump(bucket.reasons, said.reason);
  bump(bucket.results, said.result ?? (said.outlet === "end" ? "end" : "unheard"));
  bucket.unknown += said.label === "unknown" || said.reason === "unknown" ? 1 : 0;
  bucket.confidence[Math.min(BINS - 1, Math.floor(said.confidence * BINS))] += 1;
  const outlet = (bucket.outlets[known(bucket.outlets, said.outlet)] ??= { n: 0, pure: 0, judged: 0 });
  outlet.n += 1;
  if (route && said.scores && said.outlet !== "end") {
    outlet.judged += 1;
    outlet.pure += belongs(said, route);
  }
}

/**
 * How sure the grader was that a fruit belongs where it went. The score of damage is that of the worst look and no
 * probability, so it counts only where damage is asked for; elsewhere it is the ripeness alone.
 */
function belongs({ scores, outlet }, route) {
  let pure = 0;
  for (const [label, p] of Object.entries(scores)) if (route[label] === outlet) pure += p;
  const sound = 1 - (scores.damaged ?? 0);
  return route.damaged === outlet || sound < 0.01 ? pure : Math.min(1, pure / sound);
}

/** Labels, reasons and outlets are a few names each: what comes beyond them counts as one. */
function bump(counts, key) {
  const held = known(counts, key);
  counts[held] = (counts[held] ?? 0) + 1;
}

function known(counts, key) {
  return Object.hasOwn(counts, key) || Object.keys(counts).length < MOST_NAMES ? key : "other";
}

/** All buckets of the last `windowMs`, added up. */
export function summary(detail, now, windowMs = HISTORY_MS) {
  const sum = newBucket();
  for (const [at, bucket] of detail.buckets) {
    if (now - at > windowMs) continue;
    sum.n += bucket.n;
    sum.unknown += bucket.unknown;
    for (const name of ["labels", "reasons", "results"]) {
      for (const [key, n] of Object.entries(bucket[name])) sum[name][key] = (sum[name][key] ?? 0) + n;
    }
    bucket.confidence.forEach((n, bin) => (sum.confidence[bin] += n));
    for (const [name, outlet] of Object.entries(bucket.outlets)) {
      const all = (sum.outlets[name] ??= { n: 0, pure: 0, judged: 0 });
      for (const key of ["n", "pure", "judged"]) all[key] += outlet[key];
    }
  }
  return sum;
}

/** The share of unknown fruit over time: [seconds, share] columns, oldest first, null where nothing passed. */
export function unknownRate(detail) {
  const ordered = [...detail.buckets].sort((a, b) => a[0] - b[0]);
  return [ordered.map(([at]) => at / 1000), ordered.map(([, b]) => (b.n ? b.unknown / b.n : null))];
}

/** The nearest rank of a share, of numbers in any order; NaN of none. */
export function quantile(values, share) {
  if (!values.length) return NaN;
  const ordered = Float64Array.from(values).sort();
  return ordered[Math.min(ordered.length - 1, Math.floor(share * ordered.length))];
}

export function seePreview(machine, said, now) {
  const detail = machine.detail;
  detail.previewAt = now;
  const at = Date.parse(said.ts_utc) + (machine.offset ?? 0);
  moveBelt(detail, said.belt_mm, said.speed_mm_s, Number.isFinite(at) ? Math.min(at, now) : now);
  for (const fruit of said.verdicts ?? []) {
    const decidedAt = Date.parse(said.ts_utc) - fruit.age_ms; // by the machine's clock
    detail.fruit.set(fruit.track_id, { ...fruit, decidedAt, result: null });
    keepLast(detail.latency, fruit.latency_ms);
    keepLast(detail.slack, fruit.slack_ms);
  }
  while (detail.fruit.size > MOST_FRUIT) detail.fruit.delete(detail.fruit.keys().next().value);
  if (said.picture) {
    detail.picture = said.picture;
    detail.pictureAt = now - said.picture.age_ms;
  }
  for (const crop of said.crops ?? []) {
    if (detail.crops.some((kept) => kept.track_id === crop.track_id)) continue;
    detail.crops.unshift({ ...crop, at: now });
    if (detail.crops.length > MOST_CROPS) dropCrop(detail);
  }
}

/** The newest word about a fruit. */
export function seeLabel(detail, said) {
  if (said.flag && said.label === null) return; // a flag takes nothing back
  detail.labels.set(said.track_id, { label: said.label, user: said.user });
  while (detail.labels.size > MOST_LABELS) detail.labels.delete(detail.labels.keys().next().value);
}

/** The oldest that nobody has judged goes first. */
function dropCrop(detail) {
  let last = detail.crops.length - 1;
  while (last > 0 && detail.labels.has(detail.crops[last].track_id)) last -= 1;
  detail.crops.splice(last, 1);
}

function keepLast(values, value) {
  if (!Number.isFinite(value)) return;
  values.push(value);
  if (values.length > MOST_TIMES) values.shift();
}

/** A reading moves the drawn belt gently, so that a message that was late is not a jolt; a far one at once. */
function moveBelt(detail, mm, speed, at) {
  const expected = beltAt(detail, at);
  const error = expected === null ? Infinity : mm - expected;
  const start = Math.abs(error) > SNAP_MM ? mm : expected + 0.2 * error;
  detail.belt = { mm: start, speed, at };
}

/** What the belt reads at an instant, carried on at its speed; null before the first reading. */
export function beltAt(detail, now) {
  return detail.belt ? detail.belt.mm + (detail.belt.speed * (now - detail.belt.at)) / 1000 : null;
}
