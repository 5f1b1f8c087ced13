/** What the page knows of the show: the server's document and state, as signals. Only `receive` and the edits write here. */

import { NO_CUE, NO_SETUP, NO_STATE } from "./document.js";
import { defaultOf } from "./fields.js";
import { heardToo } from "./movers.js";
import { applied } from "./patch.js";
import { signal } from "./signals.js";
import { same, without } from "./values.js";

/** So long after the server took a value, the document's counts again: by then it has it, or another one instead. */
const SETTLE_MS = 250;

/** @typedef {import("./document.js").Stage} Stage */
/** @typedef {import("./document.js").Setup} Setup */
/** @typedef {import("./document.js").Fault} Fault */

export class Show {
  connection = signal(/** @type {"connecting" | "open" | "lost"} */ ("connecting"));
  /** Whether nothing has come for seconds from a server whose engine runs, which else tells its figures every second. */
  silent = signal(false);
  client = signal("");
  setup = signal(NO_SETUP);
  rev = signal(0);
  undo = signal(/** @type {string | null} */ (null));
  redo = signal(/** @type {string | null} */ (null));
  state = signal(NO_STATE);
  stats = signal(/** @type {any} */ (null));
  faults = signal(/** @type {Fault[]} */ ([]));
  jobs = signal(/** @type {any[]} */ ([]));
  /** Where the show's clock stood at a time of this page; null without a clock. */
  clock = signal(/** @type {import("./document.js").Clock | null} */ (null));
  cue = signal(NO_CUE);
  /** What mapped MIDI devices should show: messages of three bytes. */
  lights = signal(/** @type {number[][]} */ ([]));
  /** `stage/field` of what OSC has moved since the page was opened. */
  heard = signal(/** @type {Set<string>} */ (new Set()));
  pipelines = signal(/** @type {Record<string, any>} */ ({}), same);
  /** Values on their way: `stage/field` → what the page shows meanwhile, and the message that carries it. */
  drafts = signal(/** @type {Record<string, { value: any, n: number }>} */ ({}));
  refusals = signal(/** @type {Record<string, string>} */ ({}));

  /**
   * @param {() => void} outdated called when the document or the pipelines have to be fetched anew
   * @param {(sentence: string) => void} complain
   */
  constructor(outdated = () => {}, complain = () => {}) {
    this.outdated = outdated;
    this.complain = complain;
  }

  unheard() {
    this.silent.value = this.state.peek().engine === "ready";
    if (this.silent.peek()) this.stats.value = null;
  }

  /** The connection is lost: nobody will answer for what was sent. What is changed now is sent later. */
  lost() {
    this.connection.value = "lost";
    this.stats.value = null;
    this.drafts.value = {};
  }

  /** @param {any} message of the control socket */
  receive(message) {
    this.silent.value = false;
    if (message.welcome) this.#welcome(message.welcome);
    else if ("changed" in message) this.#changed(message);
    else if ("took" in message) this.#tookValues(message);
    else if (message.state) this.state.value = message.state;
    else if (message.stats) this.stats.value = message.stats;
    else if (message.fault) this.faults.value = [message.fault, ...this.#faultsWithout(message.fault)];
    else if ("cleared" in message)
      this.faults.value = this.faults
        .peek()
        .filter(({ stage, kind }) => stage !== message.cleared || kind !== (message.kind ?? kind));
    else if (message.job)
      this.jobs.value = [message.job, ...this.jobs.peek().filter(({ id }) => id !== message.job.id)];
    else if ("tempo" in message) this.clock.value = message.tempo && { ...message.tempo, at: performance.now() };
    else if (message.cue) this.cue.value = { ...message.cue, at: performance.now() };
    else if (message.lights) this.lights.value = message.lights;
    else if (message.pipelines) this.outdated();
    else if (message.error) this.#failed(message);
  }

  /** @param {{ setup: Setup, rev: number, undo: string | null, redo: string | null }} document */
  load(document) {
    if (document.rev < this.rev.peek()) return;
    this.setup.value = document.setup;
    this.faults.value = this.faults.peek().filter(({ stage }) => !stage || this.stage(stage));
    this.rev.value = document.rev;
    this.undo.value = document.undo;
    this.redo.value = document.redo;
    this.#dropArrived();
  }

  /** @param {string} stage @param {string[]} names fields whose draft and refusal are over */
  drop(stage, names) {
    const keys = names.map((name) => `${stage}/${name}`);
    this.drafts.value = without(this.drafts.peek(), (key) => keys.includes(key));
    this.refusals.value = without(this.refusals.peek(), (key) => keys.includes(key));
  }

  /** @returns {boolean} false until the engine has told them */
  knowsPipelines = () => Object.keys(this.pipelines.value).length > 0;

  /** @param {string} id @returns {Stage | undefined} */
  stage(id) {
    return this.setup.value.stages.find((stage) => stage.id === id);
  }

  /** @param {Stage} stage @returns {string} the mode its controls and defaults are shown for */
  mode(stage) {
    const modes = this.pipelines.value[stage.pipeline]?.supported_modes ?? ["video"];
    const wanted = stage.mode ?? (this.setup.value.source.kind === "none" ? "text" : "video");
    return modes.includes(wanted) ? wanted : modes[0];
  }

  /** @param {string} id @param {import("./fields.js").Field} field @returns {any} what its control shows */
  value(id, field) {
    const draft = this.drafts.value[`${id}/${field.name}`];
    if (draft) return draft.value;
    const stage = this.stage(id);
    const set = field.load ? stage?.load : stage?.values;
    return set && field.name in set ? set[field.name] : this.initial(id, field);
  }

  /** @param {string} id @param {import("./fields.js").Field} field @returns {any} */
  initial(id, field) {
    const stage = this.stage(id);
    return stage ? defaultOf(field, this.pipelines.value[stage.pipeline] ?? {}, this.mode(stage)) : field.initial;
  }

  /** @param {string} id @returns {string[]} the load settings that differ from what the stage was loaded with */
  unapplied(id) {
    const wanted = this.stage(id)?.load ?? {};
    const loaded = this.state.value.stages[id]?.load ?? wanted;
    const names = new Set([...Object.keys(wanted), ...Object.keys(loaded)]);
    return [...names].filter((name) => JSON.stringify(wanted[name]) !== JSON.stringify(loaded[name]));
  }

  /** @param {any} welcome */
  #welcome(welcome) {
    this.rev.value = 0;
    this.load(welcome);
    this.client.value = welcome.client;
    this.state.value = welcome.state;
    this.faults.value = welcome.faults;
    this.stats.value = welcome.stats;
    this.jobs.value = welcome.jobs ?? [];
    this.connection.value = "open";
    this.outdated();
  }

  /** @param {any} message */
  #changed(message) {
    if (message.rev <= this.rev.peek()) return;
    if (message.rev !== this.rev.peek() + 1) return this.outdated();
    this.load({
      setup: applied(this.setup.peek(), message.changed),
      rev: message.rev,
      undo: message.undo,
      redo: message.redo,
    });
    if (String(message.by).split(", ").includes("osc"))
      this.heard.value = heardToo(this.heard.peek(), this.setup.peek(), message.changed);
  }

  /** @param {any} message */
  #tookValues(message) {
    const refused = Object.entries(message.refused ?? {}).map(([name, why]) => [`${message.stage}/${name}`, why]);
    if (refused.length) this.refusals.value = { ...this.refusals.peek(), ...Object.fromEntries(refused) };
    setTimeout(() => this.#settle(message.took), refused.length ? 0 : SETTLE_MS);
  }

  /** @param {{ error: string, n: number | null }} message */
  #failed({ error, n }) {
    this.complain(error);
    if (n !== null && n !== undefined) this.#settle(n);
  }

  /** @param {number} n drafts up to this message give way to the document */
  #settle(n) {
    this.drafts.value = without(this.drafts.peek(), (_, draft) => draft.n <= n);
  }

  /** A draft that the document has too is over. */
  #dropArrived() {
    const arrived = (/** @type {string} */ key, /** @type {{ value: any }} */ draft) => {
      const [id, name] = key.split("/");
      const values = this.setup.peek().stages.find((stage) => stage.id === id)?.values;
      return values === undefined || (name in values && same(values[name], draft.value));
    };
    this.drafts.value = without(this.drafts.peek(), arrived);
  }

  /** @param {Fault} fault */
  #faultsWithout(fault) {
    return this.faults.peek().filter((one) => one.stage !== fault.stage || one.kind !== fault.kind);
  }
}
