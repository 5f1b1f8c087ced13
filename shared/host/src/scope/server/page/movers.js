/** What moves controls besides a hand on the page: waves, MIDI inputs, OSC; and where these get in one another's way. Pure. */

/** @typedef {import("./document.js").Setup} Setup */
/** @typedef {import("./document.js").Mapping} Mapping */
/** @typedef {{ kind: "wave" | "midi" | "osc", words: string }} Mover */
/** @typedef {{ stage: string, field: string, sentence: string }} Conflict `stage` is "" where no control of the page is concerned */

/** What an input can do besides moving a control, beside going to scenes. @type {Record<string, string>} */
export const ACTIONS = {
  play: "Play, pause",
  tap: "Tap",
  downbeat: "Restart bar",
  "cue:go": "Cue: go",
  "cue:back": "Cue: back",
  undo: "Undo",
};

/** @param {string} action @param {{ id: string, name: string }[]} scenes @returns {string} `scene:scene-1` as `Scene 1: Night` */
export function actionWords(action, scenes) {
  const id = /^scene:(.+)$/.exec(action)?.[1];
  if (!id) return ACTIONS[action] ?? action;
  const name = scenes.find((scene) => scene.id === id)?.name;
  const words = id.replace(/^scene-/, "Scene ");
  return name && name !== words ? `${words}: ${name}` : words;
}

/** @type {Record<string, string>} */
const KINDS = { cc: "CC", note: "Note", program: "Program", bend: "Pitch wheel", pressure: "Pressure" };

/** @param {string} input @returns {string} `midi:1:cc:21` as `CC 21`, with its channel unless it is the first; `osc:/a` as `OSC /a` */
export function inputWords(input) {
  if (input.startsWith("osc:")) return `OSC ${input.slice(4)}`;
  const [, channel, kind, number] = input.split(":");
  if (!(kind in KINDS)) return input;
  return [KINDS[kind], number, channel !== "1" && `ch ${channel}`].filter(Boolean).join(" ");
}

/** What the values of a control change may mean, in words. @type {Record<string, string>} */
export const ENCODINGS = {
  absolute: "Knob or fader",
  "14-bit": "14 bits",
  "twos-complement": "Endless: two's complement",
  "signed-bit": "Endless: signed bit",
  "signed-bit-2": "Endless: signed bit 2",
  "binary-offset": "Endless: binary offset",
};

/** What endless encoders send for one step to the left, over and over. @type {Record<number, string>} */
export const STEPS_LEFT = { 127: "twos-complement", 65: "signed-bit", 1: "signed-bit-2", 63: "binary-offset" };

/** @param {string} words @returns {string} of a mover, for a pad of a thumb's width: `Note 37 ch 10` as `♪37·10` */
export const briefly = (words) => words.replace("Move a knob", "").replace("Note ", "♪").replace(" ch ", "·");

/**
 * @param {Setup} setup @param {Set<string>} heard `stage/field` of what OSC has moved
 * @param {{ stage?: string, field?: string, action?: string }} target a field, or an action
 * @returns {Mover[]} the hardware first; an input that moves other things too says how many in all
 */
export function moversOf(setup, heard, { stage, field, action }) {
  const isIts = (/** @type {{ stage: string | null, field: string | null }} */ one) =>
    !action && one.stage === stage && one.field === field;
  const inputs = setup.mappings.filter((one) => (action ? one.action === action : isIts(one)));
  const waves = setup.modulation.filter(isIts).map((one) => mover("wave", one.wave === "audio" ? "sound" : one.wave));
  const osc = !action && heard.has(`${stage}/${field}`) ? [mover("osc", "OSC")] : [];
  const mapped = inputs.map(({ input }) => mover(kindOf(input), inputWords(input) + shared(setup, input)));
  return [...mapped, ...waves, ...osc];
}

/** @param {string} input @returns {"osc" | "midi"} */
const kindOf = (input) => (input.startsWith("osc:") ? "osc" : "midi");

/** @param {Setup} setup @param {string} input */
function shared(setup, input) {
  const count = setup.mappings.filter((one) => one.input === input).length;
  return count > 1 ? ` × ${count}` : "";
}

/** @param {Mover["kind"]} kind @param {string} words @returns {Mover} */
const mover = (kind, words) => ({ kind, words });

/**
 * Two inputs on one control conflict; one whose control is gone does nothing. A wave beside an input is none: the input moves
 * the value that the wave swings around.
 * @param {Setup} setup @param {(stage: string, field: string) => boolean} isThere
 * @returns {Conflict[]}
 */
export function conflictsOf(setup, isThere) {
  const mapped = setup.mappings.filter((one) => one.stage && one.field);
  const keyOf = (/** @type {Mapping} */ one) => `${one.stage}/${one.field}`;
  const keys = [...new Set(mapped.map(keyOf))];
  return keys.flatMap((key) => {
    const its = mapped.filter((one) => keyOf(one) === key);
    const [stage, field] = [its[0].stage ?? "", its[0].field ?? ""];
    const inputs = its.map((one) => inputWords(one.input)).join(" and ");
    if (!isThere(stage, field))
      return [{ stage: "", field, sentence: `${inputs}: there is no control “${field}” of ${stage} now.` }];
    return its.length > 1 ? [{ stage, field, sentence: `${inputs} move the same control, ${stage}: ${field}.` }] : [];
  });
}

/**
 * @param {Set<string>} heard @param {Setup} setup @param {{ path: string }[]} changes that OSC made, by indices
 * @returns {Set<string>} the same set when there is nothing new
 */
export function heardToo(heard, setup, changes) {
  const names = changes.flatMap(({ path }) => {
    const [, list, at, values, name] = path.split("/");
    const stage = list === "stages" && values === "values" && setup.stages[Number(at)];
    return stage && name ? [`${stage.id}/${name}`] : [];
  });
  return names.every((name) => heard.has(name)) ? heard : new Set([...heard, ...names]);
}
