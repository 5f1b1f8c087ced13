/** Being let in: servers that other machines can reach ask for the token they printed. */

import * as api from "./api.js";
import { openDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { signal } from "./signals.js";

/** Resolves when the server takes this page's requests. A token in the address (`#t=…`) is handed in and taken out of it. */
export async function letIn() {
  const token = new URLSearchParams(location.hash.slice(1)).get("t");
  if (token) {
    history.replaceState(null, "", location.pathname + location.search);
    if (!(await refusal(token))) return;
  }
  const answer = await api.get("/host").catch((error) => error);
  if (answer instanceof api.ApiError && answer.status === 401) await asked();
}

/** @param {string} token @returns {Promise<string>} why it was not taken, "" when it was */
const refusal = (token) =>
  api.post("/login", { token }).then(
    () => "",
    (error) => error.message,
  );

/** @returns {Promise<void>} when the right token was typed */
function asked() {
  const wrong = signal("");
  return new Promise((resolve) => {
    const dialog = openDialog("This show needs its token", (close) => {
      const box = h("input", {
        type: "password",
        class: "text",
        "aria-label": "Token",
        autocomplete: "current-password",
        required: true,
        autofocus: true,
      });
      const hand = async (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        wrong.value = await refusal(box.value.trim());
        if (!wrong.peek()) close();
      };
      return {
        body: [
          h("p", { class: "quiet" }, "It is in the address that “scope serve” printed, after #t=."),
          h("form", { class: "inline", onsubmit: hand }, box, h("button", { class: "primary" }, "Enter")),
          () => wrong.value && h("p", { class: "danger", role: "alert" }, wrong.value),
        ],
      };
    });
    dialog.addEventListener("close", () => resolve());
  });
}
