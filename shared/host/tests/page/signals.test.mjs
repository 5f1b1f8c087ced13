import assert from "node:assert/strict";
import { test } from "node:test";

import { computed, effect, flush, onCleanup, root, signal, untracked } from "../../src/scope/server/page/signals.js";

test("an effect runs at once, and once more for several changes", () => {
  const [a, b] = [signal(1), signal(2)];
  const seen = [];
  root(() => effect(() => seen.push(a.value + b.value)));
  a.value = 10;
  b.value = 20;
  flush();
  assert.deepEqual(seen, [3, 30]);
});

test("an effect forgets what it no longer reads", () => {
  const [which, left, right] = [signal(true), signal("l"), signal("r")];
  let runs = 0;
  root(() =>
    effect(() => {
      runs++;
      return which.value ? left.value : right.value;
    }),
  );
  which.value = false;
  flush();
  left.value = "other";
  flush();
  assert.equal(runs, 2);
});

test("equal values wake nobody", () => {
  const a = signal([1], (x, y) => x[0] === y[0]);
  let runs = 0;
  root(() =>
    effect(() => {
      a.value;
      runs++;
    }),
  );
  a.value = [1];
  flush();
  assert.equal(runs, 1);
});

test("effects inside an effect end when it runs again, and their cleanups run", () => {
  const [outer, inner] = [signal(0), signal(0)];
  let [runs, cleanups] = [0, 0];
  root(() =>
    effect(() => {
      outer.value;
      effect(() => {
        inner.value;
        runs++;
      });
      onCleanup(() => cleanups++);
    }),
  );
  outer.value = 1;
  flush();
  inner.value = 1;
  flush();
  assert.equal(runs, 3);
  assert.equal(cleanups, 1);
});

test("an ended root is silent", () => {
  const a = signal(0);
  let runs = 0;
  const end = root(() =>
    effect(() => {
      a.value;
      runs++;
    }),
  );
  a.value = 1;
  end();
  flush();
  assert.equal(runs, 1);
});

test("a computed signal follows", () => {
  const a = signal(2);
  let twice;
  root(() => {
    twice = computed(() => a.value * 2);
  });
  a.value = 5;
  flush();
  assert.equal(twice.peek(), 10);
});

test("an untracked read does not subscribe", () => {
  const a = signal(0);
  let runs = 0;
  root(() =>
    effect(() => {
      untracked(() => a.value);
      runs++;
    }),
  );
  a.value = 1;
  flush();
  assert.equal(runs, 1);
});

test("effects that keep waking one another end with an error", () => {
  const a = signal(0);
  root(() =>
    effect(() => {
      a.value = a.value + 1;
    }),
  );
  assert.throws(flush, /keep waking/);
});

test("a root made inside an effect outlives it", () => {
  const [outer, inner] = [signal(0), signal(0)];
  let runs = 0;
  let made = false;
  root(() =>
    effect(() => {
      outer.value;
      if (!made)
        root(() =>
          effect(() => {
            inner.value;
            runs++;
          }),
        );
      made = true;
    }),
  );
  outer.value = 1;
  flush();
  inner.value = 1;
  flush();
  assert.equal(runs, 2);
});
