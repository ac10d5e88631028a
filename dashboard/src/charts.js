/** Charts: uPlot over time, bars by plain elements. */

import { attribute, colour, h, keyed, text } from "./dom.js";

/** A line over time. `series`: [{label, colour, value}]; `draw(columns)` at most as often as it is called. */
export class TimeChart {
  constructor(node, series, { height = 150, min = 0, least = 1e-9, format = (value) => String(value) } = {}) {
    this._node = node;
    this._series = series;
    this._options = { height, min, least, format };
    this._plot = null;
    this._onTheme = () => this._make(this._plot?.data);
    addEventListener("themechange", this._onTheme);
    this._watch = new ResizeObserver(() => this._plot?.setSize({ width: node.clientWidth, height }));
    this._watch.observe(node);
  }

  draw(columns) {
    if (!columns[0].length) return;
    if (this._plot) this._plot.setData(columns);
    else this._make(columns);
  }

  leave() {
    removeEventListener("themechange", this._onTheme);
    this._watch.disconnect();
    this._plot?.destroy();
  }

  _make(data) {
    if (!data || !window.uPlot) return;
    this._plot?.destroy();
    const { height, min, least, format } = this._options;
    const axis = { stroke: colour("--ink-2"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    this._plot = new window.uPlot(
      {
        width: this._node.clientWidth || 300,
        height,
        padding: [8, 8, 0, 0],
        cursor: { y: false, points: { size: 7 } },
        legend: { show: false },
        scales: { y: { range: (_, low, high) => [min, Math.max(high ?? 0, min + least) * 1.1] } },
        axes: [
          { ...axis, space: 70, values: (_, ticks) => ticks.map((t) => new Date(t * 1000).toTimeString().slice(0, 5)) },
          { ...axis, size: 52, space: 34, values: (_, ticks) => ticks.map(format) },
        ],
        series: [
          {},
          ...this._series.map((one) => ({
            label: one.label,
            stroke: colour(one.colour),
            width: 2,
            dash: one.dash,
            points: { show: false },
            fill: one.fill ? `${colour(one.colour)}22` : undefined,
          })),
        ],
      },
      data,
      this._node,
    );
  }
}

/** Rows of a label, a bar and a figure. `rows`: [{key, lead, name, share, figure, tone}]. */
export function bars(container, rows) {
  keyed(container, rows, (row) => row.key, makeBar, updateBar);
}

function makeBar(row) {
  const fill = h("i", {});
  const figure = h("b.num", {});
  const node = h("li.bar", {}, h("span.name", {}, row.lead ?? null, h("span", {}, row.name)), h("span.track", {}, fill), figure);
  node.parts = { fill, figure };
  return node;
}

function updateBar(node, row) {
  const { fill, figure } = node.parts;
  const width = `${(100 * Math.min(1, Math.max(0, row.share || 0))).toFixed(1)}%`;
  if (fill.style.width !== width) fill.style.width = width;
  attribute(fill, "data-label", row.label);
  attribute(fill, "data-tone", row.tone);
  text(figure, row.figure);
  attribute(node, "title", row.title);
}

/** Upright bars of a histogram, as one row of elements. */
export function histogram(container, counts, title) {
  const most = Math.max(1, ...counts);
  keyed(container, counts.map((n, bin) => ({ n, bin })), (one) => one.bin, () => h("i", {}), (node, one) => {
    const height = `${one.n ? Math.max(2, (100 * one.n) / most) : 0}%`;
    if (node.style.height !== height) node.style.height = height;
    attribute(node, "title", title(one.bin, one.n));
  });
}
