/** JSON Patch (RFC 6902: add, remove, replace) on documents that are never changed in place. */

/** @typedef {{ op: "add" | "remove" | "replace", path: string, value?: any }} Operation */

/**
 * @template T
 * @param {T} document @param {Operation[]} operations
 * @returns {T} a new document; what no operation touches is shared with the old one
 */
export function applied(document, operations) {
  return operations.reduce((now, operation) => edited(now, tokens(operation.path), operation), document);
}

/** @param {any} box @param {string[]} path @param {Operation} operation @returns {any} */
function edited(box, path, operation) {
  if (!path.length) return operation.value;
  const [name, ...rest] = path;
  const key = keyOf(box, name, operation.op === "add" && !rest.length);
  const copy = Array.isArray(box) ? [...box] : { ...box };
  if (rest.length) copy[key] = edited(box[key], rest, operation);
  else if (operation.op === "remove") remove(copy, key);
  else if (operation.op === "add" && Array.isArray(copy)) copy.splice(Number(key), 0, operation.value);
  else copy[key] = operation.value;
  return copy;
}

/** @param {any} box @param {string} name @param {boolean} adding @returns {string} */
function keyOf(box, name, adding) {
  if (typeof box !== "object" || box === null) throw new Error(`there is no “${name}” in ${JSON.stringify(box)}`);
  if (!Array.isArray(box)) {
    if (!adding && !Object.hasOwn(box, name)) throw new Error(`there is no “${name}” to change`);
    return name;
  }
  const index = name === "-" ? box.length : Number(name);
  if (!Number.isInteger(index) || index < 0 || index > box.length - (adding ? 0 : 1))
    throw new Error(`no place “${name}” in a list of ${box.length}`);
  return String(index);
}

/** @param {any} box @param {string} key */
function remove(box, key) {
  if (Array.isArray(box)) box.splice(Number(key), 1);
  else delete box[key];
}

/** @param {string} path @returns {string[]} */
function tokens(path) {
  if (path === "") return [];
  if (path[0] !== "/") throw new Error(`expected a path that begins with “/”, got “${path}”`);
  return path
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** @param {...(string | number)} names @returns {string} the path of these names and indices */
export const pointer = (...names) =>
  names.map((name) => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
