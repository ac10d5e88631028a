/** The page's frame: finds the broker, keeps the state, and shows one page at a time. */

import { Commands, Watcher } from "./commands.js";
import { h } from "./dom.js";
import { buildFrame, showFrame, toast } from "./frame.js";
import { Link } from "./link.js";
import { createStore, focus, machineOf, receive } from "./store.js";
import { note } from "./timeline.js";
import { fleet } from "./pages/fleet.js";
import { incidents } from "./pages/incidents.js";
import { line } from "./pages/line.js";
import { machine as machinePage } from "./pages/machine.js";
import { quality } from "./pages/quality.js";
import { review } from "./pages/review.js";
import { signIn } from "./pages/signin.js";

const PAGES = { line, quality, review, incidents, machine: machinePage, fleet };
const UPDATE_MS = 250;
const CONFIG_RETRY_MS = 1000;

const store = createStore();
const link = new Link(hear, () => refresh(true));
const commands = new Commands(link, store);
const watcher = new Watcher(commands);
const context = { store, link, commands, watcher, toast, key: null, machine: null, now: Date.now(), go };
const root = document.getElementById("page");
let shown = null;
let updatedAt = 0;
let wasOpen = false;
let isUrgent = false;

function hear(topic, payload, retained) {
  const machine = receive(store, topic, payload, Date.now(), retained);
  if (!machine) return;
  if (!context.key || !machineOf(store, context.key)) choose();
  if (topic.endsWith("/result")) commands.heard(machine);
  if (machine === context.machine && /\/(status|alarm\/.*|labels|review|pictures)$/.test(topic)) isUrgent = true;
}

/** "#/quality/desk/demo": the page, and the machine that it is about. */
function place() {
  const [page, site, name] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return { page: Object.hasOwn(PAGES, page) ? page : "line", key: site && name ? `${site}/${name}` : null };
}

function go(page, key = context.key) {
  location.hash = key ? `#/${page}/${key}` : `#/${page}`;
}

/** The machine of the address, else the one looked at before, else the first there is. */
function choose() {
  const asked = place().key;
  const known = [...store.machines.keys()];
  const key = asked ?? (context.key && store.machines.has(context.key) ? context.key : (known.sort()[0] ?? null));
  context.key = key;
  context.machine = key ? (machineOf(store, key) ?? null) : null;
  if (context.machine) focus(store, key);
  link.look(key, place().page === "fleet");
}

function route() {
  choose();
  const { page } = place();
  const known = shown?.name === page && shown.key === context.key;
  if (!known) {
    shown?.page.leave?.();
    root.replaceChildren();
    shown = { name: page, key: context.key, page: PAGES[page].open(root, context) };
    document.title = `${PAGES[page].title} · ${context.key ?? "sorter"}`;
  }
  refresh(true);
}

function refresh(isForced = false) {
  const now = Date.now();
  if (!isForced && !isUrgent && now - updatedAt < UPDATE_MS) return;
  updatedAt = now;
  isUrgent = false;
  context.now = now;
  if (link.state.open !== wasOpen) {
    wasOpen = link.state.open;
    if (context.machine && link.state.since) note(context.machine, now, wasOpen ? "info" : "warning", wasOpen ? "this page: connected" : "this page: connection lost");
  }
  context.machine = context.key ? (machineOf(store, context.key) ?? null) : null;
  if (shown && shown.key !== context.key) return route();
  if (context.machine && !context.machine.detail) focus(store, context.key);
  showFrame(context, place().page);
  signIn(context);
  watcher.step(context.machine, ["line", "quality"].includes(place().page), link.state.open, now);
  shown?.page.update?.(context);
}

function frame() {
  context.now = Date.now();
  shown?.page.frame?.(context);
  refresh();
  requestAnimationFrame(frame);
}

/**
 * The broker of the address (?broker=wss://…), else config.json's, else this host's own on 9001. Of an address only one
 * on the page's own host is taken: a link must not make people give their password to anybody else.
 */
async function findBroker() {
  const asked = new URLSearchParams(location.search).get("broker") ?? "";
  if (/^wss?:\/\//.test(asked) && URL.canParse(asked) && new URL(asked).hostname === location.hostname) return { broker: asked };
  try {
    const answer = await fetch("config.json", { cache: "no-store" });
    if (answer.ok) return await answer.json();
  } catch {
    /* No such file: the default holds. */
  }
  return { broker: `${location.protocol === "https:" ? "wss" : "ws"}://${location.hostname || "127.0.0.1"}:9001` };
}

async function start() {
  buildFrame(context, Object.entries(PAGES));
  addEventListener("hashchange", route);
  document.addEventListener("visibilitychange", () => refresh(true));
  route();
  requestAnimationFrame(frame);
  setInterval(() => document.hidden && refresh(true), 1000);
  let config = await findBroker();
  while (!config.broker) {
    await new Promise((resolve) => setTimeout(resolve, CONFIG_RETRY_MS));
    config = await findBroker();
  }
  if (config.user) commands.user = config.user;
  link.connect(config.broker);
}

globalThis.sorter = context; // for the console

start().catch((error) => root.replaceChildren(h("p.empty", {}, `This page could not start: ${error.message}`)));
