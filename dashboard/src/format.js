/** Figures and times as people read them. Pure: nothing here reads a clock or the document. */

const NONE = "–";

/** "42 s ago", "3 min ago"; a dash for never. */
export function ago(ms) {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NONE;
  return ms < 1500 ? "just now" : `${span(ms)} ago`;
}

/** A duration in its one natural unit. */
export function span(ms) {
  if (!Number.isFinite(ms)) return NONE;
  const s = Math.max(0, ms) / 1000;
  if (s < 100) return `${Math.round(s)} s`;
  if (s < 6000) return `${Math.round(s / 60)} min`;
  if (s < 172800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} d`;
}

/** 1234567 → "1 234 567" with narrow no-break spaces. */
export function count(n) {
  if (!Number.isFinite(n)) return NONE;
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

export function decimal(x, digits = 1) {
  return Number.isFinite(x) ? x.toFixed(digits) : NONE;
}

/** A share of 1 as percent. Never rounds what is not all up to 100, nor what is not nothing down to 0. */
export function percent(share, digits = 1) {
  if (!Number.isFinite(share)) return NONE;
  let text = (100 * share).toFixed(digits);
  if (share < 1 && Number(text) === 100) text = (100 - 10 ** -digits).toFixed(digits);
  if (share > 0 && Number(text) === 0) return `< ${(10 ** -digits).toFixed(digits)}\u202f%`;
  return `${text}\u202f%`;
}

/** Milliseconds with as many digits as mean something. */
export function milliseconds(x) {
  if (!Number.isFinite(x)) return NONE;
  return `${Math.abs(x) < 10 ? x.toFixed(1) : Math.round(x)}\u202fms`;
}

export function bytes(n) {
  if (!Number.isFinite(n)) return NONE;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let k = 0;
  while (n >= 1000 && k < units.length - 1) {
    n /= 1000;
    k += 1;
  }
  return `${k === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)}\u202f${units[k]}`;
}

/** The reader's own local time of day. */
export function clockTime(ms) {
  return Number.isFinite(ms) ? new Date(ms).toTimeString().slice(0, 8) : NONE;
}

/** Today only the time, else the date before it. */
export function dayTime(ms, now) {
  if (!Number.isFinite(ms)) return NONE;
  const then = new Date(ms);
  const day = new Date(now).toDateString() === then.toDateString() ? "" : `${then.toISOString().slice(0, 10)} `;
  return day + clockTime(ms);
}

/** An alarm's line is what it is and, behind a colon, what to do. */
export function whatAndRemedy(text) {
  const at = text.indexOf(": ");
  return at < 0 ? { what: text, remedy: "" } : { what: text.slice(0, at), remedy: text.slice(at + 2) };
}

export function sentence(text) {
  return text === "" ? "" : text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

/** The grades as people see them: a letter beside every colour, so that no one needs the colour. */
export const GRADES = {
  green: { letter: "G", name: "green" },
  turning: { letter: "T", name: "turning" },
  red: { letter: "R", name: "red" },
  damaged: { letter: "D", name: "damaged" },
  unknown: { letter: "?", name: "unknown" },
};

export function letterOf(label) {
  return GRADES[label]?.letter ?? "?";
}
