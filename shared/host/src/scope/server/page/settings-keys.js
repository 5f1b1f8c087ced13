/** A person's keys at model sites. One that is stored is never shown again. */

import * as api from "./api.js";
import { openDialog, say } from "./dialogs.js";
import { h } from "./dom.js";
import { signal } from "./signals.js";

/** @typedef {{ id: string, name: string, description: string, source: string | null, env_var: string, key_url: string }} Key */

export const openKeys = () => openDialog("Keys", () => ({ body: keyForms() }));

/** @returns {import("./dom.js").Child[]} a form for each site */
export function keyForms() {
  const keys = signal(/** @type {Key[]} */ ([]));
  const refresh = () => api.get("/keys").then((answer) => (keys.value = answer.keys), tell);
  void refresh();
  return [() => keys.value.map((key) => keyForm(key, refresh))];
}

const tell = (/** @type {Error} */ error) => say(error.message);

/** @param {Key} key @param {() => void} refresh */
function keyForm(key, refresh) {
  const typed = signal("");
  const path = `/keys/${key.id}`;
  const done = (/** @type {Promise<any>} */ request) =>
    request.then(({ message }) => (say(`${message}.`), refresh()), tell);
  const submit = (/** @type {Event} */ event) => (
    event.preventDefault(),
    done(api.put(path, { value: typed.peek().trim() }))
  );
  const id = `key-of-${key.id}`;
  return h(
    "form",
    { class: "install block key", onsubmit: submit },
    h("label", { for: id }, h("b", {}, key.name), h("small", { class: "quiet" }, key.description)),
    h("input", {
      id,
      class: "text",
      type: "password",
      placeholder: STATES[key.source ?? ""](key),
      autocomplete: "off",
      oninput: (/** @type {any} */ event) => (typed.value = event.target.value),
    }),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "submit", class: "primary", disabled: () => !typed.value.trim() }, "Store"),
      key.source === "stored" && h("button", { type: "button", onclick: () => done(api.del(path)) }, "Forget"),
    ),
    h("a", { class: "whole", href: key.key_url, target: "_blank", rel: "noreferrer" }, `Get a key from ${key.name}`),
  );
}

const STATES = /** @type {Record<string, (key: Key) => string>} */ ({
  "": () => "No key yet",
  stored: () => "A key is stored. Type another to replace it.",
  env: (key) => `The server's environment has one in ${key.env_var}`,
});
