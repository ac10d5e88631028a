/** Commands: each with an id, an expiry and an answer that is waited for. None moves a gate. */

const GOOD_FOR_MS = 30_000;
const ANSWER_MS = 5_000;

export class Commands {
  constructor(link, store) {
    this._link = link;
    this._store = store;
    this.user = "operator";
    this._waiting = new Map();
  }

  /** Ask the machine for something. Resolves to {outcome: "done" | "refused" | "unheard", text}. */
  ask(machine, name, body) {
    const id = `${Date.now().toString(36)}-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    const expires = new Date(Date.now() - (machine.offset ?? 0) + GOOD_FOR_MS).toISOString();
    const topic = `sorter/v1/${machine.key}/cmd/${this.user}/${name}`;
    if (!this._link.send(topic, { id, expires_utc: expires, ...body })) {
      return Promise.resolve({ outcome: "unheard", text: "no connection to the broker: nothing was sent" });
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => this._settle(id, { outcome: "unheard", text: "no answer from the machine" }), ANSWER_MS);
      this._waiting.set(id, { resolve, timer });
    });
  }

  /** To be called when the machine has said something: answers settle their questions. */
  heard(machine) {
    for (const id of this._waiting.keys()) {
      const result = machine.results.get(id);
      if (result) this._settle(id, result);
    }
  }

  _settle(id, result) {
    const waiting = this._waiting.get(id);
    if (!waiting) return;
    this._waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve(result);
  }
}

/** While the page is seen, the machine is asked for its preview every few seconds. */
export class Watcher {
  constructor(commands) {
    this._commands = commands;
    this._askedAt = -Infinity;
    this._key = null;
    this.refused = "";
  }

  step(machine, isWanted, isOpen, now) {
    const key = machine?.key ?? null;
    if (!isWanted || !machine || !isOpen || document.hidden) {
      this._key = null;
      return;
    }
    if (key === this._key && now - this._askedAt < 5_000) return;
    this._key = key;
    this._askedAt = now;
    this._commands.ask(machine, "preview", { on: true }).then((result) => {
      if (this._key !== key) return;
      // A broker drops what its rules forbid without a word.
      const why = result.outcome === "unheard" ? `${result.text}; does it know the user ${this._commands.user}?` : result.text;
      this.refused = result.outcome === "done" ? "" : why;
    });
  }
}
