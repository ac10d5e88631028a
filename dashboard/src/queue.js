/**
 * The row of fruit that a person judges, one after the other, and their pictures on the way. Pure: it reads no clock and
 * no document. Times are milliseconds of any one clock, as the caller gives them.
 */

/** So many that are done stay within reach of undo and the arrows. */
export const MOST_BEHIND = 50;
/** The pictures of the next few are here before they are wanted. */
const AHEAD = 6;
const AT_ONCE = 3;
const ANSWER_MS = 2500;
const LONGEST_S = 3600;
const PACE = 20;

export class ReviewQueue {
  constructor(user) {
    this.user = user;
    this.items = [];
    this.at = 0;
    this.waiting = 0;
    this.people = {};
    this.judgedAt = [];
    this._undone = [];
    this._known = new Set();
  }

  /** The fruit in front of the person, or null. */
  get current() {
    return this.items[this.at] ?? null;
  }

  /** How many are still to come, this one among them. */
  get left() {
    return this.items.slice(this.at).filter((item) => !item.label && !item.skipped).length;
  }

  /** What the machine says is to be judged: what is not in the row yet comes to its end. */
  take(review) {
    if (review.user !== this.user) return;
    this.waiting = review.waiting;
    this.people = review.people;
    for (const { track_id, why, because, at_utc } of review.items) {
      if (this._known.has(track_id)) continue;
      this._known.add(track_id);
      this.items.push({ track_id, why, because, at_utc, label: null, skipped: false, parts: [], bytes: 0, askedAt: null, kept: null, words: [], pictures: null });
    }
  }

  /** What is to be asked for now: [{track_id, offset}]. */
  wanted(now) {
    const near = this.items.slice(this.at, this.at + AHEAD).filter((item) => !item.pictures);
    const open = near.filter((item) => item.askedAt !== null && now - item.askedAt < ANSWER_MS);
    const free = near.filter((item) => !open.includes(item)).slice(0, Math.max(0, AT_ONCE - open.length));
    for (const item of free) item.askedAt = now;
    return free.map((item) => ({ track_id: item.track_id, offset: item.bytes }));
  }

  /** A part of some pictures' stream; a part that is missing or doubled is asked for again from where it stands. */
  hear(part) {
    const item = this.items.find((each) => each.track_id === part.track_id);
    if (part.user !== this.user || !item || item.pictures) return;
    item.askedAt = null;
    if (part.total === 0) return this._drop(item);
    if (item.sha256 !== part.sha256) Object.assign(item, { sha256: part.sha256, parts: [], bytes: 0 });
    if (part.offset !== item.bytes) return;
    const data = Uint8Array.from(atob(part.data), (character) => character.charCodeAt(0));
    item.parts.push(data);
    item.bytes += data.length;
    if (item.bytes < part.total) return;
    try {
      Object.assign(item, unpack(item.parts), { parts: [] });
    } catch {
      this._drop(item); // not what its schema promises: nothing to judge by
    }
  }

  /** The fruit in front is this; answers the fruit and how long that took, null where it was not measured. */
  judge(label, tookMs, now) {
    const item = this.current;
    if (!item) return null;
    const seconds = Number.isFinite(tookMs) && tookMs >= 0 && tookMs < 1000 * LONGEST_S ? Math.round(tookMs / 10) / 100 : null;
    Object.assign(item, { label, skipped: false, seconds });
    this._undone.push(item);
    this.judgedAt.push(now);
    this.judgedAt.splice(0, Math.max(0, this.judgedAt.length - PACE));
    this.forward();
    return { item, seconds };
  }

  skip() {
    if (this.current) this.current.skipped = true;
    this.forward();
  }

  /** Takes the last word back, and stands before its fruit again; answers it, or null. */
  undo() {
    const item = this._undone.pop() ?? null;
    if (!item) return null;
    item.label = null;
    const at = this.items.indexOf(item);
    if (at >= 0) this.at = at;
    this.judgedAt.pop();
    return item;
  }

  /** The machine did not take a word: the fruit is to be judged again. */
  refused(item) {
    item.label = null;
    this._undone = this._undone.filter((each) => each !== item);
    if (!this.items.includes(item)) return;
    this.items.splice(this.items.indexOf(item), 1);
    if (this.at > 0) this.at -= 1;
    this.items.splice(this.at, 0, item);
  }

  forward() {
    if (this.at < this.items.length) this.at += 1;
    if (this.at > MOST_BEHIND) {
      for (const gone of this.items.splice(0, this.at - MOST_BEHIND)) this._undone = this._undone.filter((each) => each !== gone);
      this.at = MOST_BEHIND;
    }
  }

  back() {
    if (this.at > 0) this.at -= 1;
  }

  /** Fruit a minute over the last ones, or NaN. */
  pace(now) {
    const [first] = this.judgedAt;
    return this.judgedAt.length > 2 ? (60_000 * this.judgedAt.length) / Math.max(1, now - first) : NaN;
  }

  _drop(item) {
    const at = this.items.indexOf(item);
    this.items.splice(at, 1);
    if (at < this.at) this.at -= 1;
  }
}

/** The stream: a line of JSON on the fruit, a line of what people said, then the pictures. */
function unpack(parts) {
  const whole = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  const first = whole.indexOf(10);
  const second = whole.indexOf(10, first + 1);
  const read = (from, to) => JSON.parse(new TextDecoder().decode(whole.subarray(from, to)));
  const kept = read(0, first);
  const words = read(first + 1, second);
  let at = second + 1;
  const pictures = kept.shots.map((shot) => whole.slice(at, (at += shot.bytes)));
  if (at !== whole.length) throw new RangeError("the stream is not whole");
  return { kept, words, pictures };
}
