/** The head of the fleet's page: which bundles run, and how far a rollout has come. */

import { attribute, h, keyed, text } from "../dom.js";
import { count } from "../format.js";
import { rolloutLine, rollouts, spread } from "../update_word.js";

const PARTS = [["good", "ok"], ["moving", "move"], ["refused", "warn"]];

export class Released {
  constructor() {
    this._bundles = h("ul.bundles", { "aria-label": "Bundles that run" });
    this._rollouts = h("div.rollouts", {});
    this.node = h("div.released", {}, this._bundles, this._rollouts);
  }

  update(machines) {
    const bundles = spread(machines);
    keyed(this._bundles, bundles, (one) => one.bundle, makeBundle, (node, one) => {
      text(node.parts.many, count(one.many));
      text(node.parts.bundle, one.bundle);
    });
    keyed(this._rollouts, rollouts(machines), (one) => one.key, makeRollout, (node, one) => {
      const all = machines.filter((machine) => machine.update?.channel === one.channel).length;
      text(node.parts.line, ` ${rolloutLine(one, all)}`);
      for (const [part] of PARTS) {
        const width = `${(100 * one[part]) / Math.max(1, all)}%`;
        if (node.parts[part].style.width !== width) node.parts[part].style.width = width;
      }
    });
    attribute(this.node, "hidden", bundles.length > 1 || this._rollouts.firstChild ? null : true);
  }
}

function makeBundle() {
  const parts = { many: h("b.num", {}), bundle: h("span", {}) };
  const node = h("li", {}, parts.many, parts.bundle);
  node.parts = parts;
  return node;
}

function makeRollout(one) {
  const parts = { line: h("span", {}) };
  const bar = h("div.share", { "aria-hidden": "true" }, ...PARTS.map(([part, tone]) => (parts[part] = h("i", { "data-tone": tone }))));
  const node = h("div.rollout", {}, h("p", {}, h("b", {}, `${one.channel}: ${one.bundle}`), parts.line), bar);
  node.parts = parts;
  return node;
}
