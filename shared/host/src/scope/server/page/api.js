/** Requests to the server. An error is a sentence that can be shown as it is. */

const BASE = "/api/v1";

export class ApiError extends Error {
  /** @param {string} sentence @param {number} status 0 when the server could not be reached */
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

/** @param {string} path below /api/v1 @returns {Promise<any>} */
export const get = (path) => request("GET", path);
/** @param {string} path @param {any} [body] @param {string} [after] @returns {Promise<any>} */
export const post = (path, body = {}, after = "") => request("POST", path, body, after);
/** @param {string} path @param {any} body @param {string} [after] @returns {Promise<any>} */
export const put = (path, body, after = "") => request("PUT", path, body, after);
/** @param {string} path @param {any} body @param {string} [after] @returns {Promise<any>} */
export const patch = (path, body, after = "") => request("PATCH", path, body, after);
/** @param {string} path @returns {Promise<any>} */
export const del = (path) => request("DELETE", path);

/**
 * @param {string} method @param {string} path @param {any} [body]
 * @param {string} [after] what of the control socket the server acts on first, see "Order" in PROTOCOL.md
 * @returns {Promise<any>} the answer's JSON, null where there is none
 * @throws {ApiError}
 */
async function request(method, path, body, after = "") {
  const raw = body instanceof Blob || body instanceof ArrayBuffer;
  const headers = new Headers(after ? { "Scope-After": after } : {});
  if (body !== undefined) headers.set("Content-Type", raw ? "application/octet-stream" : "application/json");
  let answer;
  try {
    answer = await fetch(BASE + path, {
      method,
      headers,
      body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
    });
  } catch {
    throw new ApiError("The server does not answer.", 0);
  }
  if (!answer.ok) throw new ApiError(await sentence(answer), answer.status);
  return answer.status === 204 ? null : answer.json();
}

/** @param {Response} answer */
async function sentence(answer) {
  const body = await answer.json().catch(() => null);
  if (typeof body?.detail === "string") return asSentence(body.detail);
  if (Array.isArray(body?.detail))
    return body.detail.map((/** @type {any} */ one) => `${one.loc.at(-1)}: ${one.msg}`).join("; ");
  return `The server answered ${answer.status} ${answer.statusText}.`;
}

/** @param {string} text as a program says it @returns {string} with a capital, unless it begins with a name, and an end */
export function asSentence(text) {
  const begun = /^[a-z]+ /.test(text) ? text[0].toUpperCase() + text.slice(1) : text;
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

/**
 * Uploads a file into the assets folder.
 * @param {File} file @param {(share: number) => void} [progress] in [0, 1]
 * @returns {Promise<any>} the asset's entry
 */
export function upload(file, progress = () => {}) {
  const name = file.name
    .replaceAll(/[^A-Za-z0-9._ -]/g, "_")
    .replace(/^\.+/, "_")
    .slice(-120);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `${BASE}/assets/${encodeURIComponent(name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => progress(event.loaded / event.total));
    request.addEventListener("error", () =>
      reject(new ApiError("The upload broke off: the server does not answer.", 0)),
    );
    request.addEventListener("load", () => {
      const answer = JSON.parse(request.responseText || "null");
      if (request.status < 300) resolve(answer);
      else reject(new ApiError(asSentence(answer?.detail ?? `The server answered ${request.status}.`), request.status));
    });
    request.send(file);
  });
}

/** @param {string} path below /api/v1 @returns {string} the address of a WebSocket */
export function socketAddress(path) {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${BASE}${path}`;
}
