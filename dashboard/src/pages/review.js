/** Review: one fruit after the other, judged by the keyboard, without a word of what the machine thinks of it. */

import { attribute, h, text } from "../dom.js";
import { ago, count, decimal, letterOf, percent } from "../format.js";
import { grade } from "../frame.js";
import { ReviewQueue } from "../queue.js";

const LABELS = ["green", "turning", "red", "damaged", "unknown"];
const KEYS = { g: "green", t: "turning", r: "red", d: "damaged", u: "unknown" };
const WHYS = { doubtful: "in doubt", unknown: "in doubt", audited: "audit", flagged: "flagged", random: "at random" };
const LIST = 40;
const FEW = 12;
const LIST_MS = 1500;
const FRESH_MS = 6000;

export const review = {
  title: "Review",
  open(root, context) {
    return new ReviewPage(root, context);
  },
};

class ReviewPage {
  constructor(root, context) {
    this._context = context;
    this.queue = new ReviewQueue(context.commands.user);
    this._shown = null;
    this._seenAt = NaN;
    this._listedAt = -Infinity;
    this._heard = null;
    this._urls = [];
    this._refusal = "";
    this._why = h("span.badge", {});
    this._because = h("span.quiet", {});
    this._views = h("div.views", { role: "img", "aria-label": "The fruit's looks" });
    this._empty = h("p.empty", {}, "");
    this._said = h("p.said", { "aria-live": "polite" });
    this._left = h("b.num", {});
    this._pace = h("b.num", {});
    this._people = h("tbody", {});
    this._buttons = LABELS.map((label) => h("button", { "data-label": label, onclick: () => this._judge(label) }, h("kbd", {}, label[0].toUpperCase()), label));
    const aside = [h("button", { onclick: () => this._skip() }, h("kbd", {}, "␣"), "skip"), h("button", { onclick: () => this._undo() }, h("kbd", {}, "Z"), "undo")];
    root.append(h("div.reviewing", {},
      h("section.card.judging", {},
        h("h2", {}, "What is this?", h("span.tools", {}, this._why, this._because)),
        this._views, this._empty,
        h("div.answers", { role: "group", "aria-label": "It is" }, ...this._buttons, ...aside),
        this._said),
      h("section.card", {},
        h("h2", {}, "The row"),
        h("dl.figures", {}, h("dt", {}, "to judge"), h("dd", {}, this._left), h("dt", {}, "fruit a minute"), h("dd", {}, this._pace)),
        h("table.people", {}, h("thead", {}, h("tr", {}, ...["who", "judged", "median", "agree"].map((name) => h("th", {}, name)))), this._people),
        h("p.quiet.hint", {}, "G T R D U judge, space skips, Z takes the last word back, ← → look around. What the machine thinks stays hidden until you have spoken; of audited fruit, here, for good."))));
    this._press = (event) => this._key(event);
    addEventListener("keydown", this._press);
  }

  update({ machine, link }) {
    if (!machine) return;
    this.queue.user = this._context.commands.user; // who that is may be known only after signing in
    if (machine.review && machine.review !== this._heard) this.queue.take((this._heard = machine.review));
    for (const part of machine.parts.splice(0)) this.queue.hear(part);
    this._show();
    if (!link.state.open) return;
    this._ask(machine);
  }

  frame() {
    this._ask(this._context.machine);
  }

  leave() {
    removeEventListener("keydown", this._press);
    this._forgetUrls();
  }

  _ask(machine) {
    if (!machine || !this._context.link.state.open) return;
    const now = performance.now();
    const since = now - this._listedAt;
    if (since > FRESH_MS || (this.queue.left < FEW && since > LIST_MS)) {
      this._listedAt = now;
      this._put(machine, "review", { most: LIST });
    }
    for (const wanted of this.queue.wanted(now)) this._put(machine, "pictures", wanted);
  }

  async _put(machine, name, body) {
    const result = await this._context.commands.ask(machine, name, body);
    this._refusal = result.outcome === "done" ? "" : result.text;
    if (this._refusal) this._show();
  }

  _show() {
    const { queue } = this;
    const item = queue.current;
    const pictures = item?.pictures ?? null;
    if (item !== this._shown || pictures !== this._pictures) this._showFruit(item, pictures);
    text(this._left, count(Math.max(queue.waiting, queue.left)));
    text(this._pace, decimal(queue.pace(Date.now()), 0));
    for (const button of this._buttons) attribute(button, "aria-pressed", item?.label === button.dataset.label ? "true" : "false");
    text(this._empty, pictures ? "" : item ? "Its pictures are on their way." : this._refusal ? `Nothing to show: ${this._refusal}.` : "Nothing to judge now. What the machine doubts, what is drawn for the audit and what people flag comes here.");
    attribute(this._empty, "class", pictures ? "hidden" : "empty");
    this._showPeople();
  }

  _showFruit(item, pictures) {
    this._shown = item;
    this._pictures = pictures;
    this._seenAt = NaN;
    this._forgetUrls();
    text(this._why, item ? (WHYS[item.why] ?? item.why) : "");
    text(this._because, item ? `${item.because} · ${ago(Date.now() - Date.parse(item.at_utc))}` : "");
    attribute(this._views, "data-track", item?.track_id ?? null);
    attribute(this._views, "data-n", pictures?.length ?? 0);
    if (!pictures) return this._views.replaceChildren();
    this._urls = pictures.map((bytes) => URL.createObjectURL(new Blob([bytes], { type: "image/webp" })));
    const images = this._urls.map((src, n) => h("img", { src, alt: `look ${n + 1}`, draggable: "false" }));
    this._views.replaceChildren(...images);
    // The person's time begins when there is something to see.
    Promise.all(images.map((image) => image.decode().catch(() => null))).then(() => {
      if (this._shown === item) this._seenAt = performance.now();
    });
  }

  _forgetUrls() {
    for (const url of this._urls.splice(0)) URL.revokeObjectURL(url);
  }

  _showPeople() {
    const rows = Object.entries(this.queue.people).map(([user, one]) => h("tr", { "data-user": user }, h("td", {}, user), h("td.num", {}, count(one.judged)),
      h("td.num", {}, one.median_s === null ? "–" : `${decimal(one.median_s, 1)}\u202fs`), h("td.num", {}, one.shared ? `${percent(one.agreed / one.shared, 0)} of ${one.shared}` : "–")));
    const told = rows.map((row) => row.textContent).join();
    if (told === this._told) return;
    this._told = told;
    this._people.replaceChildren(...rows);
  }

  _key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const key = event.key.toLowerCase();
    if (KEYS[key]) this._judge(KEYS[key]);
    else if (key === " ") this._skip();
    else if (key === "z") this._undo();
    else if (key === "arrowleft") this._move(() => this.queue.back());
    else if (key === "arrowright") this._move(() => this.queue.forward());
    else return;
    event.preventDefault();
  }

  _move(go) {
    go();
    this._show();
  }

  _skip() {
    this._move(() => this.queue.skip());
  }

  /** Only what is seen is judged. */
  async _judge(label) {
    if (!this.queue.current?.pictures) return;
    const judged = this.queue.judge(label, document.hidden ? NaN : performance.now() - this._seenAt, Date.now());
    this._reveal(judged.item);
    this._show();
    await this._send(judged.item, label, judged.seconds);
  }

  async _undo() {
    const item = this.queue.undo();
    if (!item) return;
    text(this._said, "Taken back.");
    this._show();
    await this._send(item, null, null);
  }

  async _send(item, label, seconds) {
    const { commands, machine, toast } = this._context;
    const result = await commands.ask(machine, "label", { track_id: item.track_id, label, seconds });
    if (result.outcome === "done") return;
    if (label !== null) this.queue.refused(item);
    toast(`Not noted: ${result.text}.`);
    this._show();
  }

  /** What the machine had said, once the person has; of audited fruit never, or a second thought would not be blind. */
  _reveal(item) {
    const { kept, label } = item;
    const mine = [grade(label, letterOf(label)), ` ${label} it is. `];
    if (item.why === "audited") return this._said.replaceChildren(...mine);
    this._said.replaceChildren(...mine, kept.label === label ? "The machine said so too" : `The machine said ${kept.label}`, ` (${percent(kept.confidence, 0)}).`);
  }
}
