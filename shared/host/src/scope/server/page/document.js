/** The shapes of what the server sends, and what stands for it before the first message. */

/** @typedef {{ id: string, pipeline: string, version: string | null, role: "pre" | "main" | "post", on: boolean, mode: string | null, load: Record<string, any>, values: Record<string, any> }} Stage */
/** @typedef {{ kind: string, path: string | null, loop: boolean, width: number | null, height: number | null, fps: number | null }} Source */
/** @typedef {{ text: string, weight: number }} Prompt */
/** @typedef {{ id: string, name: string, values: Record<string, any>, on: Record<string, boolean>, prompts: Prompt[] | null, fade: number, picture: string | null }} Scene */
/** @typedef {{ id: string, scene: string, wait: number, unit: "seconds" | "beats" | "bars", fade: number | null, follow: boolean }} Cue */
/** @typedef {{ playing: boolean, id: string | null, next: string | null, left: number | null, at: number }} CueState `at`: milliseconds of this page when `left` seconds were left */
/** @typedef {{ scope: number, name: string, source: Source, stages: Stage[], prompts: Prompt[], transition: { num_steps: number, temporal_interpolation_method: string }, tempo: Tempo, mappings: Mapping[], modulation: Modulation[], timeline: any[], scenes: Scene[], cues: { loop: boolean, items: Cue[] } } & Record<string, any>} Setup */
/** @typedef {{ bpm: number, beats_per_bar: number, beats: number, playing: boolean, at: number }} Clock `at`: milliseconds of this page when it stood at `beats` */
/** @typedef {{ source: string, bpm: number, beats_per_bar: number, quantize: string, start_stop: boolean }} Tempo */
/** @typedef {{ input: string, stage: string | null, field: string | null, low: number | null, high: number | null, action: string | null, encoding: string }} Mapping */
/** @typedef {{ stage: string, field: string, wave: string, depth: number, rate: number, phase: number, band: string | null }} Modulation */
/** @typedef {{ stage: string, kind: string, text: string, count: number, rests: number | null }} Fault */
/** @typedef {{ engine: string, text: string | null, again_in: number | null, paused: boolean, loading: { stage: string, step: string, share: number | null } | null, stages: Record<string, { load: Record<string, any>, playing: boolean, chosen?: Record<string, any> }>, timeline: string, waits: boolean, recording: any, ingests: string[], outputs: any[], stream_problem: string | null, source_ended: boolean, sound: { input: string | null, problem: string | null } }} State */

/** @type {Setup} */
export const NO_SETUP = {
  scope: 1,
  name: "",
  source: { kind: "none", path: null, loop: true, width: null, height: null, fps: null },
  stages: [],
  prompts: [],
  transition: { num_steps: 0, temporal_interpolation_method: "slerp" },
  tempo: { source: "off", bpm: 120, beats_per_bar: 4, quantize: "off", start_stop: false },
  mappings: [],
  modulation: [],
  timeline: [],
  scenes: [],
  cues: { loop: false, items: [] },
};
/** @type {CueState} */
export const NO_CUE = { playing: false, id: null, next: null, left: null, at: 0 };
/** @type {State} */
export const NO_STATE = {
  engine: "starting",
  text: null,
  again_in: null,
  paused: false,
  loading: null,
  stages: {},
  timeline: "idle",
  waits: false,
  recording: null,
  ingests: [],
  outputs: [],
  stream_problem: null,
  source_ended: false,
  sound: { input: null, problem: null },
};
