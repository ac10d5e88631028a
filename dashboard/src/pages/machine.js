/** Machine: what runs here, how the computer fares, and the road to the broker. */

import { TimeChart } from "../charts.js";
import { attribute, h, keyed, text } from "../dom.js";
import { ago, bytes, count, decimal, milliseconds, percent, span } from "../format.js";

export const machine = {
  title: "Machine",
  open(root, context) {
    return new MachinePage(root, context);
  },
};

class MachinePage {
  constructor(root) {
    this._lists = { Software: h("dl", {}), Computer: h("dl", {}), "Road to the broker": h("dl", {}), "Self-test": h("dl", {}) };
    this._step = h("div.chart", {});
    root.append(h("div.grid", {},
      ...Object.entries(this._lists).map(([name, list]) => h("section.card.w6", {}, h("h2", {}, name), list)),
      h("section.card", {}, h("h2", {}, "Time that the line takes", h("small.key", {}, h("i.step", {}), "step, 99th percentile", h("i.gate", {}), "gate told late, 99th percentile; ms, the last hour")), this._step)));
    this._chart = new TimeChart(this._step, [{ label: "step", colour: "--accent" }, { label: "gate", colour: "--warn", dash: [6, 4] }], { height: 190, format: (v) => decimal(v, v < 10 ? 1 : 0) });
  }

  update({ machine, link, now, commands }) {
    show(this._lists.Software, software(machine));
    show(this._lists.Computer, computer(machine, now));
    show(this._lists["Road to the broker"], road(machine, link, commands, now));
    show(this._lists["Self-test"], selfTest(machine));
    const second = Math.floor(now / 1000);
    const series = machine?.detail?.series;
    if (series && second !== this._second) this._chart.draw([series.t, series.stepP99, series.gateP99]);
    this._second = second;
  }

  leave() {
    this._chart.leave();
  }
}

function show(list, rows) {
  keyed(list, rows, ([name]) => name, ([name]) => {
    const value = h("dd.num", {});
    const node = h("div", {}, h("dt", {}, name), value);
    node.parts = { value };
    return node;
  }, (node, [, value, tone]) => {
    text(node.parts.value, value);
    attribute(node.parts.value, "data-tone", tone);
  });
}

function software(machine) {
  const info = machine?.info;
  const [bundle, digest] = (info?.bundle ?? "–").split("@");
  return [
    ["machine", machine ? `${machine.name} at ${machine.site}` : "–"],
    ["software", info?.software ?? "–"],
    ["bundle", bundle],
    ["bundle's digest", digest ?? "–"],
    ["profile's digest", info?.profile ?? "–"],
    ["grades", info?.labels?.join(", ") ?? "–"],
    ["lanes and gates", info ? `${info.lanes} lanes, ${Object.keys(info.gates).length} gates` : "–"],
    ["run", machine?.runId ?? "–"],
  ];
}

function computer(machine, now) {
  const metrics = machine?.metrics;
  const host = metrics?.host ?? {};
  const hot = host.temperature_c > 80 ? "stop" : host.temperature_c > 70 ? "warn" : null;
  const offset = machine?.offset ?? null;
  const isOff = offset !== null && Math.abs(offset) > 2000;
  return [
    ["throttled", metrics ? (metrics.throttled ? "▲ yes: cool it, or give it a better supply" : "no") : "–", metrics?.throttled ? "warn" : null],
    ["temperature", Number.isFinite(host.temperature_c) ? `${decimal(host.temperature_c)} °C` : "not measured here", hot],
    ["disk free", Number.isFinite(host.disk_free) ? `${percent(host.disk_free, 0)}, ${bytes(host.disk_free_bytes)}` : "not measured here", host.disk_free < 0.1 ? "warn" : null],
    ["memory free", Number.isFinite(host.memory_free) ? percent(host.memory_free, 0) : "not measured here", host.memory_free < 0.1 ? "warn" : null],
    ["clock", host.clock_follows === false ? "▲ no time server has set it" : offset === null ? "–" : isOff ? `▲ differs from this page's by ${span(Math.abs(offset))}` : "agrees with this page's", isOff || host.clock_follows === false ? "warn" : null],
    ["belt allowed", Number.isFinite(metrics?.speed_allowed_mm_s) ? `${count(metrics.speed_allowed_mm_s)} mm/s` : "–"],
    ["fruit allowed", Number.isFinite(metrics?.fruit_per_s_allowed) ? `${decimal(metrics.fruit_per_s_allowed)} a second` : "–"],
    ["last heard", machine?.heardAt ? ago(now - machine.heardAt) : "–"],
  ];
}

function road(machine, link, commands, now) {
  const metrics = machine?.metrics;
  const state = link.state;
  return [
    ["this page's broker", state.broker ?? "–"],
    ["this page is", state.open ? `connected for ${span(now - state.since)}` : state.since === null ? "connecting" : `without it for ${span(now - state.since)}`, state.open ? null : "lost"],
    ["commands are given as", commands.user],
    ["machine's status", machine?.status?.state ?? "–"],
    ["messages waiting", metrics ? count(metrics.queued_messages) : "–", metrics?.queued_messages > 1000 ? "warn" : null],
    ["messages known to be lost", machine ? count(machine.lost) : "–", machine?.lost ? "warn" : null],
    ["messages given up", metrics ? count(metrics.shed_messages) : "–", metrics?.shed_messages ? "warn" : null],
  ];
}

function selfTest(machine) {
  const found = machine?.info?.self_test;
  if (!found) return [["self-test", machine?.info ? "none was made" : "–"]];
  return Object.entries(found).map(([name, value]) => [name.replace(/_ms$|_mm_s$/, "").replaceAll("_", " "), figure(name, value)]);
}

function figure(name, value) {
  if (value === null) return "–";
  if (name.endsWith("_ms")) return milliseconds(value);
  if (name.endsWith("_mm_s")) return `${count(value)} mm/s`;
  return decimal(value);
}
