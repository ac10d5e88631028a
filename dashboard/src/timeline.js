/** What has been on one machine: a bounded list of lines, newest first, whenever they came. Pure. */

export const MOST_TIMELINE = 400;
const MOST_LINE = 500;

/** One line. What was said before (`said`: the same instant, the same words) is not said again. */
export function note(machine, now, severity, text, said = null, alarm = null) {
  const line = text.slice(0, MOST_LINE);
  const key = said ? `${said.ts_utc} ${alarm} ${line}` : null;
  if (key && machine.timeline.some((entry) => entry.key === key)) return;
  const then = said ? Date.parse(said.ts_utc) : now;
  const at = Number.isFinite(then) ? Math.min(then, now) : now;
  const place = machine.timeline.findIndex((entry) => entry.at <= at);
  machine.timeline.splice(place < 0 ? machine.timeline.length : place, 0, { at, severity, text: line, alarm, key });
  if (machine.timeline.length > MOST_TIMELINE) machine.timeline.length = MOST_TIMELINE;
}

/** What an alarm said: now, or before the page was opened. */
export function noteAlarm(machine, now, said) {
  const line = `${said.state}${said.by ? ` by ${said.by}` : ""}: ${said.text}`;
  note(machine, now, said.state === "raised" ? said.severity : "info", line, said, said.name);
}
