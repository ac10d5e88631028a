/** The few lines between state and document. Text goes in as text: nothing that a machine says can become markup. */

/** h("div.card.wide", {title: "…", onclick}, ...children): strings become text nodes, null is nothing. */
export function h(what, attributes = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** The same for SVG, by plain attributes. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Write only what has changed: an unchanged page costs the browser nothing, and a selection stays. */
export function text(node, value) {
  if (node.firstChild?.nodeType !== Node.TEXT_NODE || node.childNodes.length !== 1) node.textContent = value;
  else if (node.firstChild.data !== value) node.firstChild.data = value;
}

export function attribute(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** Bring a container's children in line with `items`: `make(item)` once for each key, `update(node, item)` each time. */
export function keyed(container, items, keyOf, make, update) {
  const held = (container.keyedNodes ??= new Map());
  const wanted = new Set();
  let before = null;
  for (const item of items) {
    const key = keyOf(item);
    wanted.add(key);
    let node = held.get(key);
    if (!node) held.set(key, (node = make(item)));
    update?.(node, item);
    const place = before ? before.nextSibling : container.firstChild;
    if (place !== node) container.insertBefore(node, place);
    before = node;
  }
  for (const [key, node] of held) {
    if (wanted.has(key)) continue;
    node.remove();
    held.delete(key);
  }
}

/** A custom property of the theme, for canvases. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** A canvas as sharp as the screen; answers its context and its size in CSS pixels. */
export function sharp(canvas) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height };
}
