/** What surrounds every page: navigation, the machine that is looked at, the state word, and passing words. */

import { attribute, h, keyed, svg, text } from "./dom.js";
import { ago } from "./format.js";
import { stateWord } from "./state_word.js";

const TOAST_MS = 8000;
const GLYPHS = {
  ok: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm-1.6 14.6-4-4 1.8-1.8 2.2 2.2 5.4-5.6 1.8 1.8-7.2 7.4Z",
  warn: "M12 2 1 21.5h22L12 2Zm-1.3 7h2.6l-.3 6.6h-2L10.7 9ZM12 19.6a1.5 1.5 0 1 1 0-3 1.5 1.5 0 0 1 0 3Z",
  stop: "M7.8 2h8.4L22 7.8v8.4L16.2 22H7.8L2 16.2V7.8L7.8 2ZM7 10.5v3h10v-3H7Z",
  lost: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm0 2.6a7.4 7.4 0 0 1 4.5 1.5L6.1 16.5A7.4 7.4 0 0 1 12 4.6Zm0 14.8a7.4 7.4 0 0 1-4.5-1.5L17.9 7.5A7.4 7.4 0 0 1 12 19.4Z",
  idle: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm0 2.6a7.4 7.4 0 1 1 0 14.8 7.4 7.4 0 0 1 0-14.8Z",
};

const parts = {};

/** The shape that goes with a tone, so that nobody needs its colour. */
export function glyph(tone) {
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: GLYPHS[tone] ?? GLYPHS.idle, fill: "currentColor" }));
}

/** A grade's badge: its colour and its letter. */
export function grade(label, letter) {
  return h("span.grade", { "data-label": label, title: label }, letter);
}

export function buildFrame(context, pages) {
  parts.links = Object.fromEntries(
    pages.map(([name, page], n) => [name, h("a", { href: `#/${name}`, accesskey: String(n + 1) }, page.title)]),
  );
  parts.badge = h("span.badge", {});
  parts.links.incidents.append(parts.badge);
  parts.machines = h("select", { "aria-label": "Machine", onchange: (event) => context.go(currentPage(), event.target.value) });
  parts.link = h("span.pill", { role: "status" });
  const brand = h("a.brand", { href: "#/line" }, h("img", { src: "icon.svg", alt: "" }), h("span", {}, "sorter"));
  const theme = h("button.icon", { title: "Light or dark", "aria-label": "Light or dark", onclick: turnTheme }, "◐");
  document.getElementById("top").append(brand, h("nav", { "aria-label": "Pages" }, ...Object.values(parts.links)), parts.machines, parts.link, theme);
  parts.glyph = h("span", {});
  parts.word = h("span", { "aria-live": "assertive" });
  parts.why = h("p.why", {});
  parts.todo = h("p.todo", {});
  parts.heard = h("p.heard.num", {});
  const word = h("h1.word", {}, parts.glyph, parts.word);
  document.getElementById("state").append(word, h("div", {}, parts.why, parts.todo), parts.heard);
  addEventListener("keydown", (event) => shortcut(event, context, pages));
}

function currentPage() {
  return Object.keys(parts.links).find((name) => parts.links[name].hasAttribute("aria-current")) ?? "line";
}

/** 1 to 6 open a page, from anywhere but a field. */
function shortcut(event, context, pages) {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const page = pages[Number(event.key) - 1];
  if (page) context.go(page[0]);
}

export function showFrame(context, page) {
  const { machine, link, store, now } = context;
  for (const [name, node] of Object.entries(parts.links)) {
    attribute(node, "aria-current", name === page ? "page" : null);
    attribute(node, "href", context.key && name !== "fleet" ? `#/${name}/${context.key}` : `#/${name}`);
  }
  text(parts.badge, machine?.alarms.size ? String(machine.alarms.size) : "");
  showMachines(store, context.key);
  const state = stateWord(machine, link.state, now);
  attribute(document.getElementById("state"), "data-tone", state.tone);
  attribute(document.getElementById("state"), "class", page === "fleet" && link.state.open ? "hidden" : null);
  if (parts.tone !== state.tone) parts.glyph.replaceChildren(glyph((parts.tone = state.tone)));
  text(parts.word, state.word);
  text(parts.why, state.why);
  text(parts.todo, state.todo);
  text(parts.heard, machine?.heardAt ? `${machine.key}\nlast heard ${ago(now - machine.heardAt)}` : "");
  const isOld = state.tone === "lost" && page !== "fleet" && machine?.heardAt;
  attribute(document.getElementById("page"), "data-stale", isOld ? `As it was ${ago(now - machine.heardAt)}` : null);
  showLink(link.state);
}

function showMachines(store, key) {
  const keys = [...store.machines.keys()].sort();
  if (key && !keys.includes(key)) keys.unshift(key);
  attribute(parts.machines, "class", keys.length > 1 ? null : "hidden");
  if (keys.length > 1 && parts.listed !== keys.join()) {
    parts.listed = keys.join();
    keyed(parts.machines, keys, (each) => each, (each) => h("option", { value: each }, each));
  }
  if (key && parts.machines.value !== key) parts.machines.value = key;
}

function showLink(state) {
  const tone = state.open ? "ok" : state.since === null ? "idle" : "lost";
  attribute(parts.link, "data-tone", tone);
  attribute(parts.link, "title", state.broker ?? "");
  text(parts.link, state.open ? "● connected" : state.since === null ? "○ connecting" : "⊘ no broker");
}

function turnTheme() {
  const root = document.documentElement;
  const isDark = getComputedStyle(root).colorScheme.includes("dark");
  root.dataset.theme = isDark ? "light" : "dark";
  try {
    localStorage.setItem("sorter.theme", root.dataset.theme);
  } catch {
    /* Then it holds until the page is left. */
  }
  dispatchEvent(new Event("themechange"));
}

/** A passing word, with one thing that can be done about it. */
export function toast(said, action = null, act = null) {
  const node = h("div.toast", { role: "status" }, h("span", {}, said));
  const end = () => node.remove();
  if (action) node.append(h("button.small", { onclick: () => (end(), act()) }, action));
  const box = document.getElementById("toasts");
  box.append(node);
  while (box.children.length > 4) box.firstChild.remove();
  setTimeout(end, TOAST_MS);
}
