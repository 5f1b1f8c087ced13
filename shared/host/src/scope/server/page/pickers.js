/** Pickers of pictures and sounds in the assets folder, with upload. */

import * as api from "./api.js";
import { openDialog, say } from "./dialogs.js";
import { h, icon, iconButton } from "./dom.js";
import { signal } from "./signals.js";
import { newGesture } from "./slider.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./slider.js").Access} Access */
/** @typedef {"image" | "audio" | "video"} AssetType */
/** @typedef {{ name: string, path: string, type: string, url: string, size_mb: number }} Asset */

const ACCEPTED = { image: "image/*", audio: "audio/*", video: "video/*,image/*" };
const WORDS = { image: "picture", audio: "sound", video: "video or picture" };

/** @param {string} path @returns {string} the address of an asset, by its path or name */
export const assetAddress = (path) => `/api/v1/assets/${encodeURIComponent(path.split(/[\\/]/).at(-1) ?? "")}`;

/**
 * @param {AssetType} type
 * @param {(asset: Asset) => void} picked
 */
export function pickAsset(type, picked) {
  const assets = signal(/** @type {Asset[] | null} */ (null));
  const refresh = async () => {
    try {
      const { assets: all } = await api.get("/assets");
      assets.value = all.filter(
        (/** @type {Asset} */ one) => one.type === type || (type === "video" && one.type === "image"),
      );
    } catch (error) {
      say(String(/** @type {Error} */ (error).message));
    }
  };
  void refresh();
  openDialog(`Choose a ${WORDS[type]}`, (close) => ({
    body: [
      () => assets.value?.length === 0 && h("p", { class: "quiet" }, `No ${WORDS[type]} here yet: upload one.`),
      h("ul", { class: "list" }, () =>
        (assets.value ?? []).map((asset) => entry(asset, () => (picked(asset), close()))),
      ),
    ],
    foot: [h("span", { class: "grow" }), uploadButton(type, (asset) => (picked(asset), close()))],
  }));
}

/** @param {Asset} asset @param {() => void} onclick */
function entry(asset, onclick) {
  const picture = asset.type === "image" ? h("img", { src: asset.url, alt: "", loading: "lazy" }) : icon("play");
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "item asset", onclick },
      h("span", { class: "thumb" }, picture),
      h("span", {}, asset.name, h("small", {}, `${asset.size_mb} MB`)),
    ),
  );
}

/** @param {AssetType} type @param {(asset: Asset) => void} done */
function uploadButton(type, done) {
  const share = signal(-1);
  const input = h("input", { type: "file", accept: ACCEPTED[type], hidden: true });
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    if (!file) return;
    try {
      done(await api.upload(file, (now) => (share.value = now)));
    } catch (error) {
      say(String(/** @type {Error} */ (error).message));
    }
    share.value = -1;
  });
  const label = () => (share.value < 0 ? "Upload…" : `Uploading ${Math.round(share.value * 100)} %`);
  return [
    input,
    h(
      "button",
      { type: "button", class: "raised", disabled: () => share.value >= 0, onclick: () => input.click() },
      label,
    ),
  ];
}

/** @param {"image" | "audio"} type @param {Field} field @param {Access} access @param {string} id a field that holds one path */
export function assetPicker(type, field, access, id) {
  const path = () => String(access.value() ?? "");
  const name = () => path().split(/[\\/]/).at(-1) || "None";
  const put = (/** @type {string | null} */ value) => access.set(value, newGesture());
  return h(
    "div",
    { class: "wide pair" },
    h(
      "button",
      {
        type: "button",
        id,
        class: () => `thumb${path() ? "" : " empty"}`,
        title: name,
        "aria-label": () => `${field.label}: ${name()}`,
        onclick: () => pickAsset(type, (asset) => put(asset.path)),
      },
      () =>
        path() && type === "image" ? h("img", { src: assetAddress(path()), alt: "" }) : icon(path() ? "play" : "add"),
    ),
    h("span", { class: "grow quiet clip" }, name),
    () => path() && iconButton("close", `Remove ${field.label}`, () => put(field.nullable ? null : "")),
  );
}

/** @param {Field} field @param {Access} access @param {string} id a field that holds a list of paths */
export function imagesPicker(field, access, id) {
  const paths = () => /** @type {string[]} */ (access.value() ?? []);
  const put = (/** @type {string[]} */ next) => access.set(next, newGesture());
  const one = (/** @type {string} */ path, /** @type {number} */ at) =>
    h(
      "button",
      {
        type: "button",
        class: "thumb",
        "aria-label": `Remove picture ${at + 1} of ${field.label}`,
        title: "Remove",
        onclick: () => put(paths().filter((_, index) => index !== at)),
      },
      h("img", { src: assetAddress(path), alt: "" }),
    );
  const add = h(
    "button",
    {
      type: "button",
      id,
      class: "thumb empty",
      "aria-label": `Add a picture to ${field.label}`,
      onclick: () => pickAsset("image", (asset) => put([...paths(), asset.path])),
    },
    icon("add"),
  );
  return h("div", { class: "wide thumbs" }, () => paths().map(one), add);
}
