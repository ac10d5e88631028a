/** The line: its belt alive, what the camera sees, and whether it keeps up. */

import { drawBelt, palette } from "../belt.js";
import { budget } from "../agreed.js";
import { bars, TimeChart } from "../charts.js";
import { quantile, summary } from "../detail.js";
import { attribute, h, sharp, text } from "../dom.js";
import { ago, count, decimal, letterOf, milliseconds, percent, span } from "../format.js";
import { grade } from "../frame.js";

const WINDOW_MS = 900_000;
const RESULTS = [
  ["fired", "gate fired", "ok"],
  ["late", "too late", "stop"],
  ["refused", "refused", "stop"],
  ["unheard", "not heard of", "lost"],
];
const REASONS = [
  ["graded", "belt's end by grade"],
  ["doubtful", "doubtful"],
  ["unknown", "not a tomato"],
  ["crowded", "too close to another"],
  ["shed", "no time for it"],
  ["gateless", "its gate is out of use"],
  ["lost", "not where it should be"],
  ["audited", "drawn for inspection"],
];

export const line = {
  title: "Line",
  open(root, context) {
    return new LinePage(root, context);
  },
};

function tile(name) {
  const value = h("b.num", {}, "–");
  const more = h("small.num", {}, "");
  return { node: h("div.tile", {}, h("span", {}, name), value, more), value, more };
}

class LinePage {
  constructor(root, context) {
    this._context = context;
    this._colours = palette();
    this._onTheme = () => (this._colours = palette());
    addEventListener("themechange", this._onTheme);
    this._scheme = matchMedia("(prefers-color-scheme: dark)");
    this._scheme.addEventListener("change", this._onTheme);
    this._image = new Image();
    this._drawn = null;
    root.append(this._belt(), this._tiles(), this._rest());
    this._chart = new TimeChart(this._rateNode, [{ label: "fruit/s", colour: "--accent", fill: true }], { height: 150, format: (v) => decimal(v, v < 10 ? 1 : 0) });
  }

  _belt() {
    this._canvas = h("canvas.belt", { role: "img", "aria-label": "The belt: fruit with their grade, gates as they open" });
    this._over = h("p.over", {}, "");
    this._feed = h("button", { onclick: () => this._askFeed() }, "Stop feed");
    this._feedSaid = h("span.quiet", { role: "status" });
    const legend = ["green", "turning", "red", "damaged", "unknown"].map((label) => h("span", {}, grade(label, letterOf(label)), label));
    return h("section.card.beltcard", {},
      h("div.stage", {}, this._canvas, this._over),
      h("div.under", {}, h("div.legend", {}, ...legend), h("div.act", {}, this._feedSaid, this._feed)));
  }

  _tiles() {
    const names = { rate: "fruit a second", fired: "gates fired", late: "late or refused", latency: "picture to verdict", slack: "slack at the gate", step: "step, 99th centile", dropped: "pictures dropped", shed: "shed, no time" };
    this._tile = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, tile(name)]));
    return h("section.tiles", { "aria-label": "Figures" }, ...Object.values(this._tile).map((each) => each.node));
  }

  _rest() {
    this._camera = h("canvas.camera", { role: "img", "aria-label": "The camera's picture with the fruit found in it" });
    this._cameraSaid = h("small.num", {}, "");
    this._outlets = h("ul.bars", {});
    this._results = h("ul.bars", {});
    this._rateNode = h("div.chart", {});
    this._window = [h("small.num", {}), h("small.num", {})];
    return h("div.grid", {},
      h("section.card.w4", {}, h("h2", {}, "Camera", this._cameraSaid), this._camera),
      h("section.card.w4", {}, h("h2", {}, "Outlet purity, estimated", this._window[0]), this._outlets),
      h("section.card.w4", {}, h("h2", {}, "What became of the fruit", this._window[1]), this._results),
      h("section.card", {}, h("h2", {}, "Throughput", h("small", {}, "fruit a second, the last hour")), this._rateNode));
  }

  frame({ machine, now }) {
    drawBelt(this._canvas, machine, this._colours, now);
    this._drawCamera(machine, now);
  }

  update(context) {
    const { machine, now } = context;
    const detail = machine?.detail;
    this._showTiles(machine);
    this._showOver(context);
    this._showFeed(machine, context.link.state.open);
    if (!detail) return;
    const sum = summary(detail, now, WINDOW_MS);
    for (const node of this._window) text(node, sum.n ? `${count(sum.n)} in 15 min` : "");
    bars(this._outlets, outletRows(sum, machine.info?.layout));
    bars(this._results, resultRows(sum));
    const second = Math.floor(now / 1000);
    if (second !== this._second) {
      this._second = second;
      this._chart.draw([detail.series.t, detail.series.rate]);
    }
  }

  leave() {
    removeEventListener("themechange", this._onTheme);
    this._scheme.removeEventListener("change", this._onTheme);
    this._chart.leave();
  }

  _showTiles(machine) {
    const metrics = machine?.metrics;
    const detail = machine?.detail;
    const set = (key, value, more = "", tone = null) => {
      text(this._tile[key].value, value);
      text(this._tile[key].more, more);
      attribute(this._tile[key].node, "data-tone", tone);
    };
    if (!metrics) return;
    const tried = metrics.fired + metrics.late + metrics.refused;
    const missed = metrics.late + metrics.refused;
    set("rate", decimal(machine.rate), metrics.fruit_per_s_allowed ? `of ${decimal(metrics.fruit_per_s_allowed, 0)} allowed` : "");
    set("fired", count(metrics.fired), tried ? percent(metrics.fired / tried) : "");
    const late = budget(machine, "in_time", missed, tried);
    set("late", count(missed), tried ? [percent(missed / tried), late.words].filter(Boolean).join(", ") : "", late.isMissed ? "warn" : null);
    set("latency", milliseconds(quantile(detail?.latency ?? [], 0.5)), `99th: ${milliseconds(quantile(detail?.latency ?? [], 0.99))}`);
    set("slack", milliseconds(quantile(detail?.slack ?? [], 0.5)), `least: ${milliseconds(quantile(detail?.slack ?? [], 0))}`);
    set("step", milliseconds(metrics.step_p99_ms), `median: ${milliseconds(metrics.step_p50_ms)}`);
    set("dropped", count(metrics.frames_dropped), metrics.frames ? `of ${count(metrics.frames + metrics.frames_dropped)}` : "");
    set("shed", count(metrics.shed), "", metrics.shed ? "warn" : null);
  }

  _showOver({ machine, link, watcher, now }) {
    const detail = machine?.detail;
    let said = "";
    if (!link.state.open) said = link.state.since === null ? "Connecting…" : `No connection for ${span(now - link.state.since)}`;
    else if (!machine?.info) said = "Waiting for a machine…";
    else if (watcher.refused) said = `No live view: ${watcher.refused}`;
    else if (!detail?.previewAt) said = "Asking for the live view…";
    else if (now - detail.previewAt > 2500) said = `Live view from ${ago(now - detail.previewAt)}`;
    text(this._over, said);
    attribute(this._over, "hidden", said === "");
  }

  _showFeed(machine, isOpen) {
    const isStopped = Boolean(machine?.metrics?.feed_stopped);
    this._isStopped = isStopped;
    text(this._feed, isStopped ? "Let it feed" : this._sure ? "Really stop the feed?" : "Stop feed");
    attribute(this._feed, "class", isStopped ? "primary" : this._sure ? "danger" : null);
    attribute(this._feed, "disabled", !isOpen || !machine?.metrics || machine.status?.state !== "online" || this._isAsking);
  }

  async _askFeed() {
    if (!this._isStopped && !this._sure) {
      this._sure = true;
      setTimeout(() => (this._sure = false), 4000);
      return;
    }
    this._sure = false;
    this._isAsking = true;
    text(this._feedSaid, "asking…");
    const go = this._isStopped;
    const result = await this._context.commands.ask(this._context.machine, "feed", { go });
    this._isAsking = false;
    text(this._feedSaid, `${result.outcome}: ${result.text}`);
  }

  _drawCamera(machine, now) {
    const detail = machine?.detail;
    const picture = detail?.picture ?? null;
    if (picture && picture !== this._asked) {
      this._asked = picture;
      this._image.src = `data:image/jpeg;base64,${picture.jpeg}`;
    }
    const { context: c, width, height } = sharp(this._camera);
    text(this._cameraSaid, picture ? (now - detail.pictureAt < 2500 ? "live" : `from ${ago(now - detail.pictureAt)}`) : "");
    c.clearRect(0, 0, width, height);
    if (!picture || !this._image.complete || !this._image.naturalWidth) return;
    c.globalAlpha = now - detail.pictureAt < 2500 ? 1 : 0.4;
    c.drawImage(this._image, 0, 0, width, height);
    c.strokeStyle = "#ffffff";
    c.lineWidth = 2;
    for (const [x, y, w, h] of picture.boxes) c.strokeRect(x * width, y * height, w * width, h * height);
    c.globalAlpha = 1;
  }
}

function outletRows(sum, layout) {
  const names = layout ? [...new Set(Object.values(layout.gates).map((gate) => gate.outlet)), "end"] : Object.keys(sum.outlets);
  return names.map((name) => {
    const outlet = sum.outlets[name] ?? { n: 0, pure: 0, judged: 0 };
    const label = layout ? Object.keys(layout.route).find((each) => layout.route[each] === name) : null;
    const purity = outlet.judged ? outlet.pure / outlet.judged : NaN;
    const isEnd = name === "end";
    return {
      key: name,
      lead: isEnd ? null : grade(label ?? "unknown", letterOf(label)),
      name: isEnd ? "belt's end" : name,
      label,
      share: isEnd ? (sum.n ? outlet.n / sum.n : 0) : purity,
      figure: isEnd ? `${count(outlet.n)} fruit` : `${percent(purity)} · ${count(outlet.n)}`,
      title: isEnd ? "share of all fruit" : "the grader's own mean certainty that what fell there belongs there; damage that no look showed is not in it",
    };
  });
}

function resultRows(sum) {
  const rows = RESULTS.map(([key, name, tone]) => ({ key, name, tone, n: sum.results[key] ?? 0 }));
  for (const [key, name] of REASONS) {
    const n = key === "graded" ? Math.max(0, (sum.results.end ?? 0) - REASONS.slice(1).reduce((all, [reason]) => all + (sum.reasons[reason] ?? 0), 0)) : (sum.reasons[key] ?? 0);
    rows.push({ key: `end ${key}`, name, tone: key === "graded" ? "idle" : "warn", n });
  }
  return rows
    .filter((row) => row.n || ["fired", "late"].includes(row.key))
    .map((row) => ({ ...row, share: sum.n ? row.n / sum.n : 0, figure: `${count(row.n)} · ${percent(sum.n ? row.n / sum.n : NaN)}` }));
}
