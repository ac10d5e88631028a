/** Incidents: what stands now and what to do about it, and what has been. */

import { attribute, h, keyed, text } from "../dom.js";
import { dayTime, sentence, span, whatAndRemedy } from "../format.js";
import { glyph } from "../frame.js";

const TONES = { error: "stop", warning: "warn", info: "idle" };

export const incidents = {
  title: "Incidents",
  open(root, context) {
    return new IncidentsPage(root, context);
  },
};

class IncidentsPage {
  constructor(root, context) {
    this._context = context;
    this._asked = new Map();
    this._open = h("ul.alarms", {});
    this._none = h("p.empty", {}, "Nothing stands open.");
    this._timeline = h("ol.timeline", {});
    this._quiet = h("p.empty", {}, "Nothing has happened that this page knows of.");
    root.append(h("div.grid", {},
      h("section.card", {}, h("h2", {}, "Open now"), this._open, this._none),
      h("section.card", {}, h("h2", {}, "Timeline", h("small", {}, "newest first: the run's last alarms, and all since this page was opened")), this._timeline, this._quiet)));
  }

  update({ machine, now }) {
    const alarms = [...(machine?.alarms.values() ?? [])].sort((a, b) => (a.severity === b.severity ? a.since - b.since : a.severity === "error" ? -1 : 1));
    keyed(this._open, alarms, (alarm) => alarm.name, (alarm) => this._card(alarm), (node, alarm) => this._refresh(node, alarm, machine, now));
    attribute(this._none, "class", alarms.length ? "hidden" : "empty");
    text(this._none, machine?.metrics ? "Nothing stands open." : "Not known yet: the machine has not spoken.");
    const timeline = machine?.timeline ?? [];
    keyed(this._timeline, timeline, (entry) => entry, (entry) => row(entry, now));
    attribute(this._quiet, "class", timeline.length ? "hidden" : "empty");
  }

  _card(alarm) {
    const what = h("h3", {});
    const remedy = h("p.remedy", {});
    const since = h("small.quiet.num", {});
    const said = h("small.quiet", { role: "status" });
    const button = h("button", { onclick: () => this._acknowledge(alarm.name) }, "I have seen it");
    const node = h("li.alarm", { "data-tone": TONES[alarm.severity] }, h("span.mark", {}, glyph(TONES[alarm.severity])), h("div.about", {}, what, remedy, since), h("div.act", {}, said, button));
    node.parts = { what, remedy, since, said, button };
    return node;
  }

  _refresh(node, alarm, machine, now) {
    const { what, remedy } = whatAndRemedy(alarm.text);
    const asked = this._asked.get(alarm.name);
    text(node.parts.what, sentence(what));
    text(node.parts.remedy, sentence(remedy));
    text(node.parts.since, `for ${span(now - alarm.since)}, since ${dayTime(alarm.since, now)}`);
    text(node.parts.said, alarm.by ? `seen by ${alarm.by}` : (asked?.text ?? ""));
    attribute(node.parts.button, "class", alarm.by ? "hidden" : null);
    attribute(node.parts.button, "disabled", asked?.isAsking || !this._context.link.state.open);
  }

  async _acknowledge(name) {
    const { machine, commands } = this._context;
    this._asked.set(name, { text: "asking…", isAsking: true });
    const result = await commands.ask(machine, "acknowledge", { alarm: name });
    this._asked.set(name, { text: result.text });
  }
}

function row(entry, now) {
  const tone = TONES[entry.severity] ?? "idle";
  return h("li", { "data-tone": tone }, h("time.num", {}, dayTime(entry.at, now)), h("span.mark", {}, glyph(tone)), h("span", {}, entry.text));
}
