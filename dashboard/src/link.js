/** The page's road to the broker: one connection that comes back by itself, and what it subscribes to. */

import mqtt from "../vendor/mqtt/mqtt.esm.js";

const KEEPALIVE_S = 2;
const RETRY_MS = 1000;
const CONNECT_MS = 4000;
/** Between a question to a quiet broker and this without an answer the page says that there is no connection. */
const SILENT_MS = 3500;

/** Everything that the machine says, and the answers to its commands. */
const OWN = ["status", "info", "metrics", "tracks", "preview", "labels", "review", "pictures", "gap", "quality", "incidents", "alarm/+", "cmd/+/+/result"];
const ALWAYS = ["sorter/v1/+/+/status", "sorter/v1/+/+/info", "sorter/v1/+/+/alarm/+"];
const FLEET = ["sorter/v1/+/+/metrics", "sorter/v1/+/+/update"];

export class Link {
  /** `hear(topic, text, retained)`, `changed()` when the state of the connection is another. */
  constructor(hear, changed) {
    this.state = { open: false, since: null, broker: null, refused: "" };
    this._hear = hear;
    this._changed = changed;
    this._client = null;
    this._heardAt = 0;
    this._wanted = new Set(ALWAYS);
    this._machine = null;
    this._isFleet = false;
    this._decoder = new TextDecoder();
    setInterval(() => this._watch(), 500);
  }

  connect(broker, username = undefined, password = undefined) {
    this._client?.end(true);
    this.state = { open: false, since: null, broker, refused: "" };
    this._client = mqtt.connect(broker, {
      clientId: `dashboard-${crypto.getRandomValues(new Uint32Array(2)).join("")}`.slice(0, 23),
      username,
      password,
      protocolVersion: 4,
      clean: true,
      keepalive: KEEPALIVE_S,
      reschedulePings: false,
      reconnectPeriod: RETRY_MS,
      connectTimeout: CONNECT_MS,
      resubscribe: false,
      queueQoSZero: false,
      timerVariant: "native",
    });
    const client = this._client;
    const mine = (act) => (...given) => client === this._client && act(...given);
    client.on("connect", mine(() => this._opened()));
    client.on("close", mine(() => this._closed()));
    client.on("error", mine((error) => this._failed(error)));
    client.on("packetreceive", mine(() => (this._heardAt = performance.now())));
    client.on("message", mine((topic, payload, packet) => this._hear(topic, this._decoder.decode(payload), packet.retain)));
    this._changed();
  }

  /** Which machine is looked at ("site/name"), and whether all are. */
  look(machine, isFleet) {
    const [site, name] = machine ? machine.split("/") : [];
    const own = machine ? OWN.map((part) => `sorter/v1/${site}/${name}/${part}`) : [];
    const wanted = new Set([...ALWAYS, ...own, ...(isFleet ? FLEET : [])]);
    const gone = [...this._wanted].filter((topic) => !wanted.has(topic));
    const come = [...wanted].filter((topic) => !this._wanted.has(topic));
    this._wanted = wanted;
    if (!this.state.open) return;
    if (gone.length) this._client.unsubscribe(gone);
    if (come.length) this._client.subscribe(come, { qos: 0 });
  }

  /** Send at least once, if there is a connection; answers whether there is. Nothing waits for one that is gone. */
  send(topic, body) {
    if (!this.state.open) return false;
    this._client.publish(topic, JSON.stringify(body), { qos: 1 });
    return true;
  }

  _opened() {
    this._heardAt = performance.now();
    this.state = { ...this.state, open: true, since: Date.now(), refused: "" };
    this._client.subscribe([...this._wanted], { qos: 0 });
    this._changed();
  }

  _closed() {
    if (this.state.open || this.state.since === null) {
      this.state = { ...this.state, open: false, since: Date.now() };
      this._changed();
    }
  }

  _failed(error) {
    if (error.code === 4 || error.code === 5) {
      this.state = { ...this.state, open: false, refused: error.code === 4 ? "wrong user or password" : "not authorized" };
      this._client.end(true);
      this._changed();
    } else this._closed();
  }

  /** A broker that answers no ping is gone, whatever the socket says. */
  _watch() {
    if (this.state.open && performance.now() - this._heardAt > SILENT_MS) {
      this._client.stream?.destroy?.();
      this._closed();
    }
  }
}
