/** The keyboard. Keys do nothing while a person types, except those with Ctrl. */

/** @typedef {{ keys: string[], shown: string, does: string, run: (event: KeyboardEvent) => void }} Binding */

export const HELP = /** @type {[string, string][]} */ ([
  ["Space", "Pause, play"],
  ["R", "Record"],
  ["S", "Save a picture with its set-up"],
  ["F", "Full screen"],
  ["O", "Output window"],
  ["C", "Compare with the input; hold for the input alone"],
  ["I", "Input in the corner"],
  ["X", "Black out this window"],
  ["1 … 8", "Recall a scene; with Shift, store the current state in it"],
  ["[ ]", "Previous stage, next stage"],
  ["↑ ↓", "Previous control, next control"],
  ["← →", "Change the value; Shift for single steps, PgUp and PgDn for large ones"],
  ["Delete", "Reset the control (so does a double-click)"],
  ["B", "Stage on or off"],
  ["D", "Randomize the stage's values"],
  ["G", "Next cue; with Shift, the previous one"],
  ["T", "Tap the beat"],
  ["M", "Map the focused control to a MIDI knob; with no control in focus, mapping mode"],
  ["Alt ← →", "Move the stage in the chain"],
  ["Ctrl Z", "Undo; with Shift, redo"],
  ["/", "Find a control"],
  ["Shift drag", "Drag a slider in fine steps; its label can be dragged too"],
  ["?", "This help"],
]);

/** Held longer than this, C shows the input only while it is down. */
const HOLD_MS = 250;

/**
 * @typedef {object} Deeds what keys can do
 * @property {() => void} play @property {() => void} record @property {() => void} snapshot @property {() => void} fullScreen
 * @property {() => void} output @property {() => void} inset @property {() => void} black @property {() => void} help
 * @property {() => void} tap @property {() => void} learn @property {() => void} bypass @property {() => void} dice @property {() => void} undo @property {() => void} redo
 * @property {(step: number) => void} stage
 * @property {(where: "go" | "back") => void} cue
 * @property {(place: number, store: boolean) => void} scene
 * @property {(show: "split" | "input" | "off") => void} compare
 * @property {() => "split" | "input" | "off"} compared
 */

/** @param {Deeds} deeds */
export function listenToKeys(deeds) {
  const simple = /** @type {Record<string, () => void>} */ ({
    r: deeds.record,
    s: deeds.snapshot,
    f: deeds.fullScreen,
    o: deeds.output,
    i: deeds.inset,
    x: deeds.black,
    b: deeds.bypass,
    d: deeds.dice,
    t: deeds.tap,
    m: deeds.learn,
    "?": deeds.help,
    "/": findControl,
    "[": () => deeds.stage(-1),
    "]": () => deeds.stage(1),
  });
  addEventListener("keydown", (event) => {
    if (isCovered()) return;
    if ((event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key)) {
      if (isTyping(event)) return;
      event.preventDefault();
      return event.shiftKey || /y/i.test(event.key) ? deeds.redo() : deeds.undo();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !event.altKey && !event.ctrlKey && !isText(event.target)) {
      event.preventDefault();
      return moveFocus(step);
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const place = /^Digit([1-8])$/.exec(event.code);
    const deed = simple[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (place) deeds.scene(Number(place[1]) - 1, event.shiftKey);
    else if (event.code === "KeyG" && !event.repeat) deeds.cue(event.shiftKey ? "back" : "go");
    else if (event.key === " " && !isPressable(event)) deeds.play();
    else if (deed && !(event.repeat && event.key.length === 1)) deed();
    else return;
    event.preventDefault();
  });
  listenToCompare(deeds);
}

/** A short press of C turns the dividing line on or off; a long one shows the input for as long as it lasts. @param {Deeds} deeds */
function listenToCompare(deeds) {
  let since = 0;
  let before = /** @type {"split" | "input" | "off"} */ ("off");
  const isC = (/** @type {KeyboardEvent} */ event) => event.key.toLowerCase() === "c";
  addEventListener("keydown", (event) => {
    if (!isC(event) || isCovered() || event.repeat || event.ctrlKey || event.metaKey || isTyping(event)) return;
    since = performance.now();
    before = deeds.compared();
    deeds.compare("input");
  });
  addEventListener("keyup", (event) => {
    if (!isC(event) || !since) return;
    const isLong = performance.now() - since > HOLD_MS;
    deeds.compare(isLong ? before : before === "split" ? "off" : "split");
    since = 0;
  });
}

/** Whether a dialog or a menu has the keys. */
const isCovered = () => document.querySelector("dialog[open], .menu") !== null;

/** @param {KeyboardEvent} event a menu takes letters too */
const isTyping = (event) => isText(event.target) || event.target instanceof HTMLSelectElement;

/** @param {EventTarget | null} target */
function isText(target) {
  if (target instanceof HTMLInputElement) return !["range", "checkbox", "radio", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement;
}

/** @param {KeyboardEvent} event a button or switch takes the space bar itself */
const isPressable = (event) =>
  /** @type {HTMLElement} */ (event.target).matches?.("button, summary, a, input[type=checkbox]") ?? false;

function findControl() {
  /** @type {HTMLElement | null} */ (document.querySelector(".panel .find"))?.focus();
}

/** @param {number} step from one control of the panel to the next */
function moveFocus(step) {
  const controls = /** @type {HTMLElement[]} */ ([
    ...document.querySelectorAll(
      ".rows .row > :is(input, select, button:not(.dot)), .rows .row > .pair > input, .rows textarea, .rows .title button, .rows .section button, .cards button",
    ),
  ]);
  const visible = controls.filter((control) => control.offsetParent !== null && !control.classList.contains("value"));
  const at = visible.findIndex(
    (control) => control === document.activeElement || control.closest(".row")?.contains(document.activeElement),
  );
  visible[at < 0 ? 0 : Math.max(0, Math.min(visible.length - 1, at + step))]?.focus();
}
