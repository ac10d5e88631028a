/** The belt drawn alive: fruit move at the belt's own speed between two messages, gates open when the belt reads so. */

import { beltAt } from "./detail.js";
import { colour, sharp } from "./dom.js";
import { letterOf } from "./format.js";

const FALL_MS = 350;
const STALE_MS = 2500;
const NAMES = ["--ink", "--ink-2", "--belt", "--belt-edge", "--lane", "--view", "--surface-2", "--line", "--accent", "--ok"];
const LABELS = ["green", "turning", "red", "damaged", "unknown"];

/** The theme's colours, read once and again when it changes. */
export function palette() {
  const found = {};
  for (const name of NAMES) found[name.slice(2)] = colour(name);
  for (const label of LABELS) {
    found[label] = colour(`--grade-${label}`);
    found[`${label}-ink`] = colour(`--grade-${label}-ink`);
  }
  return found;
}

/** Answers whether the belt moves: then the next frame is worth drawing. */
export function drawBelt(canvas, machine, colours, now) {
  const { context: c, width, height } = sharp(canvas);
  c.clearRect(0, 0, width, height);
  const layout = machine?.info?.layout;
  const detail = machine?.detail;
  if (!layout || !width) return false;
  const scene = sceneOf(layout, width, height);
  drawGround(c, scene, layout, colours);
  const isStale = !detail?.previewAt || now - detail.previewAt > STALE_MS;
  const mm = detail ? beltAt(detail, isStale && detail.previewAt ? detail.previewAt : now) : null;
  drawTexture(c, scene, mm ?? 0, colours);
  const isHeld = machine.metrics?.state === "safe";
  drawGates(c, scene, layout, detail, mm, colours, isHeld);
  if (detail && mm !== null) drawFruit(c, scene, layout, detail, mm, now, colours, isStale, isHeld);
  canvas.classList.toggle("stale", isStale);
  return !isStale;
}

/** How millimetres become pixels. */
function sceneOf(layout, width, height) {
  const gates = Object.values(layout.gates);
  const end = Math.max(...gates.map((gate) => gate.x_mm), layout.view_mm[0]) + 130;
  const margin = width < 560 ? 4 : 12;
  const scale = (width - 2 * margin) / end;
  const first = Math.min(...layout.lanes.map((lane) => lane[0]));
  const last = Math.max(...layout.lanes.map((lane) => lane[1]));
  const chute = Math.max(22, Math.min(44, height * 0.14));
  const across = (height - 2 * chute) / (last - first);
  return {
    end,
    scale,
    across,
    chute,
    width,
    height,
    isNarrow: width < 560,
    x: (mm) => margin + mm * scale,
    y: (mm) => chute + (mm - first) * across,
    top: chute,
    bottom: height - chute,
    middle: (first + last) / 2,
  };
}

function drawGround(c, scene, layout, colours) {
  c.fillStyle = colours.belt;
  c.fillRect(scene.x(0), scene.top, scene.x(scene.end) - scene.x(0), scene.bottom - scene.top);
  c.fillStyle = colours.view;
  c.fillRect(scene.x(0), scene.top, scene.x(layout.view_mm[0]) - scene.x(0), scene.bottom - scene.top);
  c.strokeStyle = colours.lane;
  c.setLineDash([2, 6]);
  c.lineWidth = 1;
  c.beginPath();
  for (const [, to] of layout.lanes.slice(0, -1)) {
    c.moveTo(scene.x(0), scene.y(to));
    c.lineTo(scene.x(scene.end), scene.y(to));
  }
  c.stroke();
  c.setLineDash([]);
  c.fillStyle = colours["belt-edge"];
  c.fillRect(scene.x(0), scene.top - 2, scene.x(scene.end) - scene.x(0), 2);
  c.fillRect(scene.x(0), scene.bottom, scene.x(scene.end) - scene.x(0), 2);
  c.fillStyle = colours["ink-2"];
  c.font = "600 11px system-ui, sans-serif";
  c.textBaseline = "middle";
  c.textAlign = "left";
  c.fillText("camera", scene.x(0) + 4, scene.top / 2);
}

/** Faint marks that travel with the belt, so that one sees it move without any fruit. */
function drawTexture(c, scene, mm, colours) {
  const step = 80;
  c.strokeStyle = colours.lane;
  c.globalAlpha = 0.5;
  c.beginPath();
  for (let x = ((mm % step) + step) % step; x < scene.end; x += step) {
    c.moveTo(scene.x(x), scene.top + 1);
    c.lineTo(scene.x(x), scene.top + 6);
    c.moveTo(scene.x(x), scene.bottom - 6);
    c.lineTo(scene.x(x), scene.bottom - 1);
  }
  c.stroke();
  c.globalAlpha = 1;
}

function isOnTop(scene, lane) {
  return (lane[0] + lane[1]) / 2 < scene.middle;
}

function drawGates(c, scene, layout, detail, mm, colours, isHeld) {
  const open = new Set();
  for (const fruit of detail?.fruit.values() ?? []) {
    if (mm !== null && !isHeld && fruit.gate && fruit.opens_mm[0] <= mm && mm <= fruit.opens_mm[1] && !isRefused(fruit)) open.add(fruit.gate);
  }
  c.textAlign = "center";
  c.textBaseline = "middle";
  const named = new Set();
  for (const [name, gate] of Object.entries(layout.gates)) {
    const lane = layout.lanes[gate.lane];
    const onTop = isOnTop(scene, lane) || layout.lanes.length === 1;
    const x = scene.x(gate.x_mm);
    const half = Math.max(9, 34 * scene.scale);
    const edge = onTop ? scene.top : scene.bottom;
    const away = onTop ? -1 : 1;
    const isOpen = open.has(name);
    const label = labelOf(layout, gate.outlet);
    c.fillStyle = isOpen ? colours[label] ?? colours.accent : colours["surface-2"];
    c.globalAlpha = isOpen ? 0.35 : 1;
    c.fillRect(x - half, onTop ? 0 : scene.bottom + 2, 2 * half, scene.chute - 2);
    c.globalAlpha = 1;
    c.strokeStyle = isOpen ? colours[label] ?? colours.accent : colours.ink;
    c.lineWidth = isOpen ? 4 : 3;
    c.beginPath();
    c.moveTo(x - half, edge);
    c.lineTo(x + half * (isOpen ? 0.35 : 1), edge + (isOpen ? away * scene.chute * 0.55 : 0));
    c.stroke();
    const key = `${gate.outlet}${onTop}`;
    if (named.has(key)) continue;
    named.add(key);
    c.fillStyle = isOpen ? colours.ink : colours["ink-2"];
    c.font = "600 11px system-ui, sans-serif";
    const short = scene.isNarrow || 2 * half < c.measureText(gate.outlet).width;
    c.fillText(short ? letterOf(label) : gate.outlet, x, onTop ? scene.top * 0.4 : scene.height - scene.chute * 0.4);
  }
}

function labelOf(layout, outlet) {
  return Object.keys(layout.route).find((label) => layout.route[label] === outlet) ?? "unknown";
}

function isRefused(fruit) {
  return fruit.result === "late" || fruit.result === "refused";
}

function drawFruit(c, scene, layout, detail, mm, now, colours, isStale, isHeld) {
  drawSeen(c, scene, layout, detail, mm, colours);
  for (const [id, fruit] of detail.fruit) {
    const x = mm - fruit.origin_mm;
    if (x > scene.end + 60) {
      detail.fruit.delete(id);
      continue;
    }
    const lane = layout.lanes[fruit.lane];
    const gate = fruit.gate ? layout.gates[fruit.gate] : null;
    let y = scene.y(fruit.y_mm);
    let drawnX = x;
    let alpha = isStale ? 0.35 : 1;
    if (gate && x >= gate.x_mm && !isRefused(fruit) && (fruit.result === "fired" || !isHeld)) {
      const fallen = Math.min(1, ((x - gate.x_mm) / Math.max(1, detail.belt.speed)) * (1000 / FALL_MS));
      const onTop = isOnTop(scene, lane) || layout.lanes.length === 1;
      y += (onTop ? -1 : 1) * fallen * (Math.abs(y - (onTop ? scene.top : scene.bottom)) + scene.chute * 0.6);
      drawnX = gate.x_mm + (x - gate.x_mm) * 0.35;
      alpha *= 1 - fallen;
    }
    fruit.drawnAt ??= now;
    if (alpha > 0.02) drawOne(c, scene, fruit, scene.x(drawnX), y, alpha, colours, gate && x > gate.x_mm - 30);
  }
}

function drawOne(c, scene, fruit, x, y, alpha, colours, isBare) {
  const r = Math.max(5, (fruit.length_mm / 2) * Math.min(scene.scale, scene.across));
  const label = fruit.label;
  c.globalAlpha = alpha;
  c.fillStyle = colours[label] ?? colours.unknown;
  c.strokeStyle = colours.ink;
  c.lineWidth = 1;
  c.beginPath();
  c.arc(x, y, r, 0, 2 * Math.PI);
  c.fill();
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillStyle = colours[`${label}-ink`] ?? colours.ink;
  c.font = `700 ${Math.round(Math.max(9, Math.min(22, r)))}px system-ui, sans-serif`;
  if (r >= 5) c.fillText(letterOf(label), x, y + 0.5);
  if (!scene.isNarrow && !isBare && r > 10) {
    c.font = "500 11px system-ui, sans-serif";
    c.fillStyle = colours.ink;
    const goes = fruit.outlet === "end" ? `end · ${fruit.reason}` : `→ ${fruit.outlet}`;
    const above = y - r - 9 > scene.top + 4 && y > scene.height / 2 ? y - r - 9 : y + r + 10;
    c.fillText(`${Math.round(100 * fruit.confidence)} % ${goes}`, x, above);
  }
  c.globalAlpha = 1;
}

/** What the camera sees but nobody has decided yet: grey rings, from the last picture's boxes. */
function drawSeen(c, scene, layout, detail, mm, colours) {
  if (!detail.picture || detail.pictureMm === null) return;
  if (detail.drawnPicture !== detail.picture) {
    detail.drawnPicture = detail.picture;
    detail.pictureMm = beltAt(detail, detail.pictureAt);
  }
  const moved = mm - detail.pictureMm;
  c.strokeStyle = colours["ink-2"];
  c.lineWidth = 1.5;
  for (const [x, y, w, h] of detail.picture.boxes) {
    const at = (x + w / 2) * layout.view_mm[0] + moved;
    const across = (y + h / 2) * layout.view_mm[1];
    if (at > layout.view_mm[0] - 20 || moved > 400 || isDecided(detail, mm, at, across)) continue;
    const r = Math.max(5, (Math.max(w * layout.view_mm[0], h * layout.view_mm[1]) / 2) * Math.min(scene.scale, scene.across));
    c.beginPath();
    c.arc(scene.x(at), scene.y(across), r, 0, 2 * Math.PI);
    c.stroke();
  }
}

/** Whether a fruit in the picture is one that is drawn with its grade already. */
function isDecided(detail, mm, at, across) {
  for (const fruit of detail.fruit.values()) {
    if (Math.abs(mm - fruit.origin_mm - at) < 30 && Math.abs(fruit.y_mm - across) < 30) return true;
  }
  return false;
}
