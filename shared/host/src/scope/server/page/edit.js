/** What a person can change. Values travel by the control socket, at most one message an animation frame; the rest by REST. */

import * as api from "./api.js";
import { pointer } from "./patch.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {{ set: Record<string, any>, unset: Set<string>, gesture: string }} Waiting */

export class Edit {
  /** @type {Map<string, Waiting>} */
  #waiting = new Map();
  /** @type {{ prompts: import("./document.js").Prompt[], gesture: string } | null} */
  #waitingPrompts = null;
  #n = 0;
  #due = false;
  /** The request that was made last; the next one waits for its answer. */
  #last = Promise.resolve(true);

  /**
   * @param {Show} show
   * @param {(message: object) => boolean} send false when there is no connection: what waits is sent when there is one
   * @param {(sentence: string) => void} complain
   * @param {() => string} [said] what was sent by now, as a request tells what it comes after
   */
  constructor(show, send, complain, said = () => "") {
    this.show = show;
    this.send = send;
    this.complain = complain;
    this.said = said;
  }

  /** @param {string} stage @param {Record<string, any>} values @param {string} gesture */
  set(stage, values, gesture) {
    const waiting = this.#waitingFor(stage, gesture);
    for (const [name, value] of Object.entries(values)) {
      waiting.set[name] = value;
      waiting.unset.delete(name);
    }
    this.#draft(stage, values);
  }

  /** @param {string} stage @param {string[]} names fields to go back to their defaults */
  unset(stage, names) {
    const waiting = this.#waitingFor(stage, "");
    for (const name of names) {
      delete waiting.set[name];
      waiting.unset.add(name);
    }
    this.show.drop(stage, names);
  }

  /** @param {import("./document.js").Prompt[]} prompts they take over as the document's transition says @param {string} gesture */
  prompts(prompts, gesture) {
    this.#waitingPrompts = { prompts, gesture };
    this.#schedule();
  }

  /** @param {import("./patch.js").Operation[] | { op: string, path: string, from?: string, value?: any }[]} operations @param {string} label @param {string} [gesture] */
  patch(operations, label, gesture) {
    const body = { patch: operations, label, ...(gesture ? { gesture } : {}) };
    return this.#rest((after) => api.patch("/setup", body, after));
  }

  /** @param {Partial<import("./document.js").Source>} source */
  source(source) {
    const next = { ...this.show.setup.peek().source, ...source };
    return this.patch([{ op: "replace", path: "/source", value: next }], `Source: ${next.kind}`);
  }

  /** @param {string} stage @param {string} name @param {any} value undefined: back to the default */
  load(stage, name, value) {
    const path = pointer("stages", stage, "load", name);
    const there = name in (this.show.stage(stage)?.load ?? {});
    if (value === undefined && !there) return Promise.resolve(true);
    return this.patch([value === undefined ? { op: "remove", path } : { op: "add", path, value }], name);
  }

  /** @param {object} setup a whole document, one undo step */
  replace(setup) {
    return this.#rest((after) => api.put("/setup", { setup }, after));
  }

  /** @param {string} path @param {any} [body] a route that answers with the document */
  act(path, body) {
    return this.#rest((after) => api.post(path, body, after));
  }

  /** The server is asked in any case: it tells what can be undone a moment after a change. */
  undo = () => this.act("/setup/undo");
  redo = () => this.act("/setup/redo");
  pause = (/** @type {boolean} */ on) => this.send({ paused: on });
  restart = (/** @type {string} */ stage) => this.send({ reset_cache: true, stage });

  /** Sends what waits. Called once an animation frame, and when the connection is back. */
  flush() {
    this.#due = false;
    for (const [stage, waiting] of this.#waiting) if (this.#sendValues(stage, waiting)) this.#waiting.delete(stage);
    if (this.#waitingPrompts && this.send({ n: ++this.#n, ...this.#waitingPrompts })) this.#waitingPrompts = null;
  }

  /** @param {string} stage @param {Waiting} waiting */
  #sendValues(stage, { set, unset, gesture }) {
    const n = ++this.#n;
    this.#draft(stage, set, n);
    const message = { n, stage, ...(gesture ? { gesture } : {}) };
    const setSent = !Object.keys(set).length || this.send({ ...message, set });
    return setSent && (!unset.size || this.send({ ...message, unset: [...unset] }));
  }

  /** @param {string} stage @param {Record<string, any>} values @param {number} [n] */
  #draft(stage, values, n = this.#n + 1) {
    this.show.drop(stage, Object.keys(values));
    const drafts = Object.entries(values).map(([name, value]) => [`${stage}/${name}`, { value, n }]);
    this.show.drafts.value = { ...this.show.drafts.peek(), ...Object.fromEntries(drafts) };
  }

  /** @param {string} stage @param {string} gesture @returns {Waiting} */
  #waitingFor(stage, gesture) {
    const waiting = this.#waiting.get(stage) ?? { set: {}, unset: new Set(), gesture };
    waiting.gesture = gesture || waiting.gesture;
    this.#waiting.set(stage, waiting);
    this.#schedule();
    return waiting;
  }

  #schedule() {
    if (this.#due) return;
    this.#due = true;
    if (document.hidden) setTimeout(() => this.flush(), 16);
    else requestAnimationFrame(() => this.flush());
  }

  /** Comes after all that was changed before, in either way. @param {(after: string) => Promise<any>} call @returns {Promise<boolean>} */
  #rest(call) {
    this.flush();
    const after = this.said();
    this.#last = this.#last.then(() => this.#ask(() => call(after)));
    return this.#last;
  }

  /** @param {() => Promise<any>} call @returns {Promise<boolean>} */
  async #ask(call) {
    try {
      const answer = await call();
      if (answer?.setup) this.show.load(answer);
      return true;
    } catch (error) {
      this.complain(error instanceof Error ? error.message : String(error));
      return false;
    }
  }
}
