/**
 * Signals: values that know who reads them.
 *
 * An effect runs again when a signal it has read changes; several changes in one task make it run once, in a microtask.
 * Effects belong to the scope they are made in, and end with it.
 */

/** @typedef {{ run: () => void, sources: Set<Set<Effect>>, ended: boolean }} Effect */
/** @typedef {{ children: Set<Scope>, effects: Set<Effect>, cleanups: (() => void)[], parent: Scope | null }} Scope */
/** @template T @typedef {{ value: T, peek: () => T }} Signal */

/** @type {Effect | null} */
let reader = null;
/** @type {Scope | null} */
let owner = null;
/** @type {Set<Effect>} */
const pending = new Set();
let flushing = false;
const MOST_ROUNDS = 100;

/**
 * @template T
 * @param {T} initial
 * @param {(a: T, b: T) => boolean} [same]
 * @returns {Signal<T>}
 */
export function signal(initial, same = Object.is) {
  let current = initial;
  /** @type {Set<Effect>} */
  const readers = new Set();
  return {
    get value() {
      if (reader) {
        readers.add(reader);
        reader.sources.add(readers);
      }
      return current;
    },
    set value(next) {
      if (same(current, next)) return;
      current = next;
      readers.forEach(schedule);
    },
    peek: () => current,
  };
}

/**
 * A signal that follows others.
 * @template T
 * @param {() => T} compute
 * @param {(a: T, b: T) => boolean} [same]
 * @returns {Signal<T>}
 */
export function computed(compute, same = Object.is) {
  const result = signal(/** @type {T} */ (untracked(compute)), same);
  effect(() => {
    result.value = compute();
  });
  return result;
}

/**
 * Runs `body` now and whenever a signal it read changes. What `body` builds (effects, cleanups) ends before it runs again.
 * @param {() => void} body
 */
export function effect(body) {
  const parent = owner ?? newScope(null);
  const scope = newScope(parent);
  /** @type {Effect} */
  const self = { run: () => {}, sources: new Set(), ended: false };
  self.run = () => {
    forget(self);
    endChildren(scope);
    const [outerReader, outerOwner] = [reader, owner];
    [reader, owner] = [self, scope];
    try {
      body();
    } finally {
      [reader, owner] = [outerReader, outerOwner];
    }
  };
  parent.effects.add(self);
  self.run();
}

/**
 * Runs `body` on its own, also inside an effect: its effects end when the returned function is called, not before.
 * @param {() => void} body
 * @returns {() => void}
 */
export function root(body) {
  const scope = newScope(null);
  const [outerReader, outerOwner] = [reader, owner];
  [reader, owner] = [null, scope];
  try {
    body();
  } finally {
    [reader, owner] = [outerReader, outerOwner];
  }
  return () => endScope(scope);
}

/** @param {() => void} cleanup called when the surrounding effect runs again or its scope ends */
export function onCleanup(cleanup) {
  owner?.cleanups.push(cleanup);
}

/** @template T @param {() => T} body @returns {T} what `body` returns, without subscribing to what it reads */
export function untracked(body) {
  const outer = reader;
  reader = null;
  try {
    return body();
  } finally {
    reader = outer;
  }
}

/** Runs waiting effects now; one that throws keeps none of the others from running. Ends when effects keep waking one another. */
export function flush() {
  /** @type {unknown[]} */
  const errors = [];
  flushing = true;
  for (let round = 0; pending.size && round < MOST_ROUNDS; round++) errors.push(...runBatch());
  flushing = false;
  if (pending.size) errors.push(new Error("effects keep waking one another"));
  pending.clear();
  if (errors.length) throw errors[0];
}

/** @returns {unknown[]} what the effects threw */
function runBatch() {
  const batch = [...pending];
  pending.clear();
  return batch.flatMap((one) => {
    try {
      if (!one.ended) one.run();
      return [];
    } catch (error) {
      return [error];
    }
  });
}

/** @param {Effect} one */
function schedule(one) {
  if (!pending.size && !flushing) queueMicrotask(flush);
  pending.add(one);
}

/** @param {Scope | null} parent @returns {Scope} */
function newScope(parent) {
  /** @type {Scope} */
  const scope = { children: new Set(), effects: new Set(), cleanups: [], parent };
  parent?.children.add(scope);
  return scope;
}

/** @param {Scope} scope */
function endScope(scope) {
  endChildren(scope);
  scope.parent?.children.delete(scope);
}

/** @param {Scope} scope */
function endChildren(scope) {
  for (const child of [...scope.children]) endScope(child);
  for (const one of scope.effects) {
    forget(one);
    one.ended = true;
    pending.delete(one);
  }
  scope.effects.clear();
  for (const cleanup of scope.cleanups.splice(0)) cleanup();
}

/** @param {Effect} one */
function forget(one) {
  for (const readers of one.sources) readers.delete(one);
  one.sources.clear();
}
