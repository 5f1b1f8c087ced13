/** A WebSocket that comes back: after 0.25, 0.5, 1, 2, then every 4 seconds, and at once when the network or the tab does. */

const FIRST_WAIT = 250;
const LONGEST_WAIT = 4000;
/** A connection that stays open says nothing of a server that stands still: but nothing comes from it any more. */
const SILENT_MS = 4000;

/**
 * @typedef {object} Handlers
 * @property {() => string} address read at each attempt
 * @property {() => void} [opened]
 * @property {(data: any) => void} received
 * @property {(code: number, reason: string) => boolean | void} [closed] false: do not come back
 * @property {() => void} [silent] nothing has come for a while, though the connection is open
 */

export class Socket {
  /** @type {WebSocket | null} */
  #socket = null;
  #wait = FIRST_WAIT;
  #timer = 0;
  #silence = 0;
  #wanted = false;
  /** How many messages were sent on this connection. */
  sent = 0;

  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.hurry = () => this.#wanted && !this.#socket && this.#connect();
  }

  start() {
    this.#wanted = true;
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    this.#connect();
  }

  stop() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** Bytes that have been sent and have not left yet. */
  get unsent() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** @param {string | Uint8Array<ArrayBuffer>} data @returns {boolean} false when there is no connection */
  send(data) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    this.sent += 1;
    return true;
  }

  #connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.handlers.address());
    this.#socket = socket;
    this.sent = 0;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#wait = FIRST_WAIT;
      this.handlers.opened?.();
    };
    socket.onmessage = (event) => {
      if (socket !== this.#socket) return;
      this.#listen();
      this.handlers.received(event.data);
    };
    socket.onclose = (event) => socket === this.#socket && this.#closed(event);
  }

  #listen() {
    clearTimeout(this.#silence);
    if (this.handlers.silent) this.#silence = setTimeout(this.handlers.silent, SILENT_MS);
  }

  /** @param {CloseEvent} event */
  #closed(event) {
    clearTimeout(this.#silence);
    this.#socket = null;
    if (this.handlers.closed?.(event.code, event.reason) === false) this.#wanted = false;
    if (!this.#wanted) return;
    this.#timer = setTimeout(this.hurry, this.#wait);
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2);
  }
}
