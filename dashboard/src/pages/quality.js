/** Quality: what comes, how sure the grader is, and the fruit that a person should judge. */

import { bars, histogram, TimeChart } from "../charts.js";
import { BINS, summary, unknownRate } from "../detail.js";
import { attribute, h, keyed, text } from "../dom.js";
import { ago, count, decimal, letterOf, percent } from "../format.js";
import { grade } from "../frame.js";

const LABELS = ["green", "turning", "red", "damaged", "unknown"];
const AUDITED = LABELS.slice(0, 4);
const KEYS = { g: "green", t: "turning", r: "red", d: "damaged", u: "unknown" };
const WINDOWS = [["15 min", 900_000], ["1 hour", 3_600_000]];

export const quality = {
  title: "Quality",
  open(root, context) {
    return new QualityPage(root, context);
  },
};

class QualityPage {
  constructor(root, context) {
    this._context = context;
    this._windowMs = WINDOWS[0][1];
    this._show = "all";
    this._mix = h("ul.bars", {});
    this._histogram = h("div.histogram", { role: "img", "aria-label": "Histogram of confidence" });
    this._unknown = h("div.chart", {});
    this._counts = h("small.num", {});
    this._sure = h("small.num", {});
    this._audited = h("small.num", {});
    this._precision = h("ul.bars", {});
    this._recall = h("ul.bars", {});
    this._honest = h("p.quiet.hint", {});
    this._audit = h("section.card.hidden", {}, h("h2", {}, "How often it is right", this._audited), h("div.grid", {},
      h("div.w6", {}, h("p.quiet", {}, "Precision: of those sorted as a grade, how many are it"), this._precision),
      h("div.w6", {}, h("p.quiet", {}, "Recall: of those that are it, how many were sorted as it"), this._recall)), this._honest);
    this._gallery = h("ul.gallery", {});
    this._empty = h("p.empty", {}, "");
    this._new = h("button.small", { onclick: () => this._letIn() });
    this._heldAt = 0;
    this._isOver = false;
    this._gallery.addEventListener("pointerenter", (event) => (this._isOver = event.pointerType === "mouse"));
    this._gallery.addEventListener("pointerleave", () => (this._isOver = false));
    const windows = select("Window", WINDOWS.map(([name, ms]) => [name, ms]), (value) => (this._windowMs = Number(value)));
    const show = select("Which fruit", [["all pictures", "all"], ["in doubt", "doubtful"], ["drawn at random", "random"], ["judged", "judged"]], (value) => (this._show = value));
    root.append(h("div.grid", {},
      h("section.card.w4", {}, h("h2", {}, "Class mix", this._counts, windows), this._mix),
      h("section.card.w4", {}, h("h2", {}, "Confidence", this._sure), this._histogram, h("div.scale", {}, h("span", {}, "0"), h("span", {}, "50 %"), h("span", {}, "100 %"))),
      h("section.card.w4", {}, h("h2", {}, "Unknown fruit", h("small", {}, "share, the last hour")), this._unknown),
      this._audit,
      h("section.card", {}, h("h2", {}, "Fruit to judge", h("span.tools", {}, this._new, show)),
        h("p.quiet.hint", {}, "Is a grade wrong? Choose what the fruit really is. With the keyboard: Tab to a fruit, then G, T, R, D or U; Z takes it back, F has others look at it."),
        this._gallery, this._empty)));
    this._chart = new TimeChart(this._unknown, [{ label: "unknown", colour: "--warn", fill: true }], { height: 170, least: 0.02, format: (v) => `${(100 * v).toFixed(v < 0.1 ? 1 : 0)} %` });
  }

  update({ machine, now }) {
    const detail = machine?.detail;
    if (!detail) return;
    const sum = summary(detail, now, this._windowMs);
    text(this._counts, sum.n ? `${count(sum.n)} fruit` : "no fruit yet");
    bars(this._mix, LABELS.map((label) => mixRow(label, sum)));
    histogram(this._histogram, sum.confidence, (bin, n) => `${(100 * bin) / BINS} to ${(100 * (bin + 1)) / BINS} %: ${n} fruit`);
    const sure = sum.confidence.slice(BINS * 0.9).reduce((a, b) => a + b, 0);
    text(this._sure, sum.n ? `${percent(sure / sum.n)} above 90 %` : "");
    const second = Math.floor(now / 2000);
    if (second !== this._second) this._chart.draw(unknownRate(detail));
    this._second = second;
    this._showAudit(machine.quality);
    this._showGallery(detail, now);
  }

  /** What people said of fruit that were drawn at random: the only figures here that are not the grader's own. */
  _showAudit(told) {
    attribute(this._audit, "class", told ? "card" : "hidden");
    if (!told) return;
    const rate = told.share > 0 ? `1 fruit in ${count(Math.round(1 / told.share))} is drawn` : "none are drawn";
    const isMissed = told.decayed || (told.agreed !== null && told.accuracy.high < told.agreed);
    attribute(this._audited, "data-tone", isMissed ? "warn" : null);
    text(this._audited, `${isMissed ? "▲ " : ""}${shown(told.accuracy)} of all · ${count(told.reviewed)} inspected · ${rate}`);
    bars(this._precision, AUDITED.map((label) => auditRow(label, told.precision[label])));
    bars(this._recall, AUDITED.map((label) => auditRow(label, told.recall[label])));
    const passed = told.skipped ? ` ${count(told.skipped)} were passed over: with those it is between ${percent(told.worst)} and ${percent(told.best)}.` : "";
    const held = told.agreed === null ? "" : ` Agreed are ${percent(told.agreed)}${told.decayed ? ", and it is clear that it fell below" : ""}.`;
    text(this._honest, `By what people said of fruit drawn at random, with 95 % intervals; ${count(told.drawn - told.reviewed - told.skipped)} wait for their word.${passed}${held}`);
  }

  leave() {
    this._chart.leave();
  }

  _showGallery(detail, now) {
    const fresh = this._isHeld() ? detail.crops.filter((crop) => crop.at > this._heldAt) : [];
    if (!this._isHeld()) this._heldAt = now;
    text(this._new, fresh.length ? `${fresh.length} more: show` : "");
    attribute(this._new, "class", fresh.length ? "small" : "hidden");
    const held = fresh.length ? detail.crops.filter((crop) => crop.at <= this._heldAt) : detail.crops;
    const wanted = held.filter((crop) => this._show === "all" || crop.why === this._show || (this._show === "judged" && detail.labels.get(crop.track_id)?.label));
    keyed(this._gallery, wanted, (crop) => crop.track_id, (crop) => this._card(crop), (node, crop) => this._refresh(node, crop, detail, now));
    text(this._empty, wanted.length ? "" : this._context.watcher.refused ? `No pictures: ${this._context.watcher.refused}.` : "Pictures appear here as fruit pass: every one in doubt, and some at random.");
    attribute(this._empty, "class", wanted.length ? "hidden" : "empty");
  }

  /** While somebody is at the pictures they stand still: new ones wait, so that nothing moves under a finger. */
  _isHeld() {
    return this._isOver || this._gallery.contains(document.activeElement);
  }

  _letIn() {
    this._heldAt = Date.now();
    if (this._gallery.contains(document.activeElement)) document.activeElement.blur();
    this.update(this._context);
  }

  _card(crop) {
    const image = h("img", { src: `data:image/jpeg;base64,${crop.jpeg}`, alt: `a fruit graded ${crop.label}`, width: 96, height: 96 });
    const said = h("p.said", {});
    const when = h("small.quiet.num", {});
    const buttons = LABELS.map((label) => h("button.small", { title: `It is ${label}`, "data-label": label, "aria-label": `It is ${label}`, onclick: () => this._label(crop, label) }, letterOf(label)));
    const back = h("button.small.back", { onclick: () => this._label(crop, null) }, "Undo");
    const node = h("li.fruit", { tabindex: 0, "data-track": crop.track_id, onkeydown: (event) => this._key(event, crop) },
      image,
      h("div.about", {}, h("p", {}, grade(crop.label, letterOf(crop.label)), h("b.num", {}, percent(crop.confidence, 0)), h("span.quiet", {}, crop.why === "random" ? "at random" : crop.reason === "graded" ? "unsure" : crop.reason)), when, said),
      h("div.labels", { role: "group", "aria-label": "Wrong: it is" }, ...buttons, back));
    node.parts = { said, when, buttons, back };
    return node;
  }

  _refresh(node, crop, detail, now) {
    const { said, when, buttons, back } = node.parts;
    const judged = detail.labels.get(crop.track_id)?.label ?? null;
    text(when, ago(now - crop.at));
    text(said, judged === null ? "" : judged === crop.label ? "confirmed" : `wrong: it is ${judged}`);
    attribute(node, "data-judged", judged);
    for (const button of buttons) attribute(button, "aria-pressed", button.dataset.label === judged ? "true" : "false");
    attribute(back, "class", judged === null ? "hidden" : "small back");
  }

  _key(event, crop) {
    const label = KEYS[event.key.toLowerCase()];
    if (label) this._label(crop, label);
    else if (event.key.toLowerCase() === "z") this._label(crop, null);
    else if (event.key.toLowerCase() === "f") this._flag(crop);
    else if (event.key === "ArrowRight") event.currentTarget.nextElementSibling?.focus();
    else if (event.key === "ArrowLeft") event.currentTarget.previousElementSibling?.focus();
    else return;
    event.preventDefault();
  }

  /** Others are to look at it: its pictures are kept, if they are still at hand. */
  async _flag(crop) {
    const { commands, machine, toast } = this._context;
    const result = await commands.ask(machine, "label", { track_id: crop.track_id, label: null, flag: true });
    toast(result.outcome === "done" ? "Flagged: it comes into the review." : `Not flagged: ${result.text}.`);
  }

  async _label(crop, label) {
    const { commands, machine, toast } = this._context;
    const before = machine.detail.labels.get(crop.track_id) ?? null;
    machine.detail.labels.set(crop.track_id, { label, user: commands.user });
    this._context.now = Date.now();
    this.update(this._context);
    const result = await commands.ask(machine, "label", { track_id: crop.track_id, label });
    if (result.outcome === "done") {
      if (label !== null) toast(`Noted: ${letterOf(label)}, ${label}.`, "Undo", () => this._label(crop, null));
      else toast("Taken back.");
      return;
    }
    if (before) machine.detail.labels.set(crop.track_id, before);
    else machine.detail.labels.delete(crop.track_id);
    toast(`Not noted: ${result.text}.`);
  }
}

function auditRow(label, figure) {
  const title = `${decimal(figure?.inspected ?? 0, 0)} inspected fruit`;
  return { key: label, lead: grade(label, letterOf(label)), name: label, label, share: figure?.value ?? 0, figure: figure ? shown(figure) : "–", title };
}

function shown(figure) {
  return figure.value === null ? "not known yet" : `${percent(figure.value)} (${percent(figure.low)} to ${percent(figure.high)})`;
}

function mixRow(label, sum) {
  const n = sum.labels[label] ?? 0;
  const share = sum.n ? n / sum.n : NaN;
  return { key: label, lead: grade(label, letterOf(label)), name: label, label, share, figure: `${percent(share)} · ${count(n)}` };
}

function select(name, options, choose) {
  return h("select", { "aria-label": name, onchange: (event) => choose(event.target.value) }, ...options.map(([shown, value]) => h("option", { value }, shown)));
}
