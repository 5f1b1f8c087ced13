/** Puts the page together. */

import { openOutput, snapshot, toggleRecording } from "./actions.js";
import * as api from "./api.js";
import { transport } from "./bar.js";
import { Capture } from "./capture.js";
import { chainView, SOURCE } from "./chain.js";
import { Cues } from "./cues.js";
import { cueBar } from "./cues-view.js";
import { say } from "./dialogs.js";
import { append, h, iconButton } from "./dom.js";
import { acceptDrops } from "./drop.js";
import { Edit } from "./edit.js";
import { fieldsOf, showsIn } from "./fields.js";
import { openHelp } from "./help.js";
import { listenToKeys } from "./keys.js";
import { letIn } from "./login.js";
import { mappingStrip } from "./mapping-mode.js";
import { isMappable, Midi, midiTarget } from "./midi.js";
import { Models } from "./models.js";
import { stagePanel } from "./panel.js";
import { Pins } from "./pins.js";
import { Plugins } from "./plugins.js";
import { sayings } from "./sayings.js";
import { Scenes, scenesView } from "./scenes.js";
import { movesView } from "./moves.js";
import { openSettings } from "./settings.js";
import { Show } from "./show.js";
import { computed, effect, root, signal, untracked } from "./signals.js";
import { Socket } from "./socket.js";
import { Sound } from "./sound.js";
import { sourcePanel } from "./source-panel.js";
import { flipStage, rollDice } from "./stage-head.js";
import { fullScreen, Look, stageView } from "./stage.js";
import { tap, tempoButton } from "./tempo.js";

const show = new Show(refresh, say);
const control = new Socket({
  address: () => api.socketAddress("/control?name=page"),
  opened: () => edit.flush(),
  received: (data) => show.receive(JSON.parse(data)),
  closed: () => show.lost(),
  silent: () => show.unheard(),
});
const said = () => (show.client.peek() ? `${show.client.peek()} ${control.sent}` : "");
const edit = new Edit(show, (message) => control.send(JSON.stringify(message)), say, said);
const capture = new Capture(say);
const look = new Look();
const models = new Models(show);
const midi = new Midi(show, edit, say);
const sound = new Sound(edit.send, say);
const cues = new Cues(show, edit);
const plugins = new Plugins(show);
const pins = new Pins();
const selected = signal("");

/** Fetches what messages only announce. */
async function refresh() {
  try {
    const [setup, { pipelines }] = await Promise.all([api.get("/setup"), api.get("/pipelines")]);
    show.load(setup);
    show.pipelines.value = pipelines;
    if (Object.values(pipelines).some((pipeline) => pipeline.requires_models)) await models.refresh();
  } catch (error) {
    say(String(/** @type {Error} */ (error).message));
  }
}

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

function build() {
  const view = stageView(element("stage"), show, capture, look);
  const scenes = new Scenes(show, edit, midi, view.canvas);
  const strip = scenesView(scenes);
  const phoneTools = h(
    "div",
    { class: "phone" },
    tempoButton(show, edit, "num"),
    iconButton("camera", "Save a picture", snapshot),
  );
  strip.append(phoneTools, cueBar(cues), movesView(show, edit));
  append(element("under"), [mappingStrip(show, midi), sayings(show, edit), chainView(show, edit, selected), strip]);
  const settings = () => openSettings({ show, look, models, plugins });
  transport(element("bar"), element("foot"), {
    show,
    edit,
    midi,
    settings,
    scenes: () => strip.classList.toggle("open"),
  });
  const chosen = computed(() => selected.value);
  append(element("panel"), [
    () =>
      chosen.value === SOURCE
        ? sourcePanel(show, edit, capture)
        : chosen.value
          ? untracked(() => stagePanel({ show, edit, models, midi, sound, pins }, chosen.peek()))
          : h("div", {}),
  ]);
  keepSelection();
  followDownloads();
  acceptDrops(element("stage"), edit, () => capture.stop());
  listenToKeys(deeds(scenes));
}

/** The chosen stage stays chosen while it is there; else the last one, or the source. */
function keepSelection() {
  effect(() => {
    const ids = show.setup.value.stages.map((stage) => stage.id);
    if (show.rev.value === 0 || selected.value === SOURCE || ids.includes(selected.value)) return;
    selected.value = ids.at(-1) ?? SOURCE;
  });
}

/** What is missing is asked for anew when a job has ended. */
function followDownloads() {
  const ended = computed(() => show.jobs.value.filter((job) => job.state !== "running").length);
  effect(() => {
    if (ended.value) void models.refresh();
  });
}

/** @param {Scenes} scenes @returns {import("./keys.js").Deeds} */
function deeds(scenes) {
  const stage = () => show.setup.peek().stages.find((one) => one.id === selected.peek());
  const fields = () => {
    const one = stage();
    const all = fieldsOf(show.pipelines.peek()[one?.pipeline ?? ""] ?? { config_schema: {} });
    return one ? all.filter((field) => showsIn(field, show.mode(one))) : [];
  };
  return {
    play: () => edit.pause(!show.state.peek().paused),
    record: () => toggleRecording(show),
    snapshot,
    fullScreen: () => fullScreen(element("stage")),
    output: openOutput,
    inset: () => (look.inset.value = !look.inset.peek()),
    black: () => (look.black.value = !look.black.peek()),
    help: openHelp,
    bypass: () => stage() && flipStage(show, edit, selected.peek()),
    dice: () => stage() && rollDice(show, edit, selected.peek(), fields()),
    tap: () => tap(show, edit),
    cue: cues.do,
    learn: () => learnFocused(),
    undo: edit.undo,
    redo: edit.redo,
    stage: (step) => {
      const ids = [SOURCE, ...show.setup.peek().stages.map((one) => one.id)];
      selected.value = ids[Math.max(0, Math.min(ids.length - 1, ids.indexOf(selected.peek()) + step))];
    },
    scene: (place, store) => (store ? scenes.store(place) : scenes.recall(place)),
    compare: (how) => (look.compare.value = how),
    compared: () => look.compare.peek(),
  };
}

/** Maps the control that has the focus to the next MIDI knob that is moved; without one, shows what is mapped. */
function learnFocused() {
  const row = /** @type {HTMLElement | null} */ (document.activeElement?.closest("[data-field]"));
  const pipeline = show.pipelines.peek()[show.stage(selected.peek())?.pipeline ?? ""];
  const field = row && pipeline && fieldsOf(pipeline).find((one) => one.name === row.dataset.field);
  if (!field || !isMappable(field)) return midi.flip();
  void midi.learn(midiTarget(selected.peek(), field));
  say(`Move a knob for ${field.label}.`);
}

root(build);
await letIn();
control.start();
