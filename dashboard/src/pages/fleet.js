/** Fleet: every machine that the user may see, worst first. Only the rows in view exist: hundreds cost what ten do. */

import { budget } from "../agreed.js";
import { attribute, h, keyed, text } from "../dom.js";
import { ago, count, decimal, percent } from "../format.js";
import { glyph } from "../frame.js";
import { RANKS, stateWord } from "../state_word.js";
import { bundleOf, updateWord } from "../update_word.js";
import { Released } from "./released.js";

const ROW_PX = 52;
const SPARE = 6;
const SORT_MS = 400;
const TALLY = [["sorting", "sorting", "ok"], ["warning", "with a warning", "warn"], ["stop", "in the safe state", "stop"], ["lost", "offline or silent", "lost"], ["idle", "stopped or starting", "idle"]];

export const fleet = {
  title: "Fleet",
  open(root, context) {
    return new FleetPage(root, context);
  },
};

class FleetPage {
  constructor(root, context) {
    this._context = context;
    this._rows = [];
    this._sortedAt = 0;
    this._filter = h("input", { type: "search", placeholder: "Find a machine", "aria-label": "Find a machine", oninput: () => (this._sortedAt = 0) });
    this._released = new Released();
    this._tally = h("ul.tally", {});
    this._space = h("div.space", {});
    this._empty = h("p.empty", {}, "");
    this._list = h("div.rows", { role: "list", tabindex: 0, "aria-label": "Machines, worst first", onkeydown: (event) => this._key(event) }, this._space);
    this._at = 0;
    root.append(h("section.card.fleet", {}, h("div.fleethead", {}, this._tally, this._filter), this._released.node,
      h("div.row.head", { "aria-hidden": "true" }, ...["", "machine", "state", "fruit/s", "late", "step 99th", "bundle", "last heard"].map((name) => h("span", {}, name))),
      this._list, this._empty));
  }

  update(context) {
    if (context.now - this._sortedAt >= SORT_MS) this._sort(context);
    this._draw(context);
  }

  _sort({ store, link, now }) {
    this._sortedAt = now;
    const sought = this._filter.value.trim().toLowerCase();
    const all = [...store.machines.values()].map((machine) => ({ machine, state: stateWord(machine, link.state, now) }));
    this._rows = all.filter((row) => row.machine.key.toLowerCase().includes(sought)).sort(worstFirst);
    const tones = { sorting: 0, warning: 0, stop: 0, lost: 0, idle: 0 };
    for (const { state } of all) tones[state.kind === "sorting" ? "sorting" : state.tone === "warn" ? "warning" : state.tone] += 1;
    keyed(this._tally, TALLY, ([key]) => key, ([, name, tone]) => {
      const n = h("b.num", {});
      const node = h("li", { "data-tone": tone }, glyph(tone), n, h("span", {}, name));
      node.parts = { n };
      return node;
    }, (node, [key]) => text(node.parts.n, count(tones[key])));
    this._released.update([...store.machines.values()]);
    const height = `${this._rows.length * ROW_PX}px`;
    if (this._space.style.height !== height) this._space.style.height = height;
    attribute(this._empty, "class", this._rows.length ? "hidden" : "empty");
    text(this._empty, !link.state.open ? "No connection to the broker." : sought ? "No machine of that name." : "No machine has spoken on this broker yet.");
  }

  _draw({ link, now }) {
    const first = Math.max(0, Math.floor(this._list.scrollTop / ROW_PX) - SPARE);
    const last = first + Math.ceil(this._list.clientHeight / ROW_PX) + 2 * SPARE;
    const seen = this._rows.slice(first, last).map(({ machine }, n) => ({ machine, n: first + n, state: stateWord(machine, link.state, now) }));
    keyed(this._space, seen, (row) => row.machine.key, (row) => this._make(row), (node, row) => this._refresh(node, row, now));
  }

  _make({ machine }) {
    const cells = { mark: h("span.mark", {}), name: h("b", {}, machine.name), site: h("small.quiet", {}, machine.site), word: h("b", {}), why: h("small", {}) };
    const figures = ["rate", "late", "step", "heard"].map((name) => (cells[name] = h("span.num", {})));
    cells.bundle = h("span.bundle", {});
    cells.update = h("small", {});
    figures.splice(3, 0, h("span.num.what", {}, cells.bundle, cells.update));
    const node = h("a.row", { role: "listitem", href: `#/line/${machine.key}` }, cells.mark, h("span.who", {}, cells.name, cells.site), h("span.how", {}, cells.word, cells.why), ...figures);
    node.parts = cells;
    return node;
  }

  _refresh(node, { machine, n, state }, now) {
    const cells = node.parts;
    const metrics = machine.metrics;
    const top = `translateY(${n * ROW_PX}px)`;
    if (node.style.transform !== top) node.style.transform = top;
    if (node.tone !== state.tone) {
      node.tone = state.tone;
      cells.mark.replaceChildren(glyph(state.tone));
      attribute(node, "data-tone", state.tone);
    }
    attribute(node, "data-at", n === this._at ? "true" : null);
    text(cells.word, state.word);
    text(cells.why, state.why);
    text(cells.rate, decimal(machine.rate));
    const tried = metrics ? metrics.fired + metrics.late + metrics.refused : 0;
    const missed = tried ? metrics.late + metrics.refused : 0;
    const isMissed = budget(machine, "in_time", missed, tried).isMissed;
    text(cells.late, tried ? `${isMissed ? "▲ " : ""}${percent(missed / tried)}` : "–");
    attribute(cells.late, "data-tone", isMissed ? "warn" : null);
    text(cells.step, metrics ? `${decimal(metrics.step_p99_ms)} ms` : "–");
    text(cells.bundle, bundleOf(machine) ?? "–");
    const update = updateWord(machine.update);
    text(cells.update, update.text);
    attribute(cells.update, "data-tone", update.tone);
    attribute(cells.update, "title", update.title || null);
    text(cells.heard, machine.heardAt ? ago(now - machine.heardAt) : "–");
  }

  _key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (event.key === "Enter" && this._rows[this._at]) this._context.go("line", this._rows[this._at].machine.key);
    if (!step) return;
    event.preventDefault();
    this._at = Math.max(0, Math.min(this._rows.length - 1, this._at + step));
    const top = this._at * ROW_PX;
    if (top < this._list.scrollTop) this._list.scrollTop = top;
    if (top + ROW_PX > this._list.scrollTop + this._list.clientHeight) this._list.scrollTop = top + ROW_PX - this._list.clientHeight;
  }
}

export function worstFirst(a, b) {
  return RANKS.indexOf(a.state.kind) - RANKS.indexOf(b.state.kind) || a.machine.key.localeCompare(b.machine.key, "en", { numeric: true });
}
