// All that is asked of the server. A token stays in the memory of this tab.

import { byId } from "./words.js";

const KEY = "indeependence-token";
export const NPY = "application/x-npy";

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function ask(path, { method = "GET", body, type } = {}) {
  const headers = {};
  if (type) headers["Content-Type"] = type;
  const token = sessionStorage.getItem(KEY);
  if (token) headers.Authorization = `Bearer ${token}`;
  let answer;
  try {
    answer = await fetch(path, { method, body, headers, cache: "no-store" });
  } catch {
    throw new Refused(0, "The server does not answer. Is it still running?");
  }
  if (answer.status === 401) {
    await askForToken(Boolean(token));
    return ask(path, { method, body, type });
  }
  if (answer.ok) return answer;
  let message = `The server answered ${answer.status}.`;
  try {
    message = (await answer.json()).error ?? message;
  } catch { /* no JSON: the status says enough */ }
  throw new Refused(answer.status, message);
}

export const asked = async (path, options) => (await ask(path, options)).json();
export const predict = (input) => asked("/predict", { method: "POST", ...input });

export function teach(what, input, label) {
  const query = label === "" ? "" : `?label=${encodeURIComponent(label)}`;
  return asked(`/${what}${query}`, { method: "POST", ...input });
}

export function post(path, value) {
  return asked(path, { method: "POST", body: JSON.stringify(value), type: "application/json" });
}

let waiting;
function askForToken(wrong) {
  waiting ??= new Promise((resolve) => {
    const dialog = byId("token-dialog");
    byId("token-note").textContent = wrong
      ? "That one is not known here. Try again; it stays in this browser tab."
      : "It stays in this browser tab.";
    dialog.addEventListener("close", () => {
      const secret = byId("token").value.trim();
      sessionStorage.setItem(KEY, secret.slice(secret.lastIndexOf(":") + 1));
      byId("token").value = "";
      waiting = undefined;
      resolve();
    }, { once: true });
    dialog.showModal();
  });
  return waiting;
}

// A NumPy file of bytes: header and values, as the server's gate reads them.
export function npy(values, shape) {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const file = new Uint8Array(10 + length + values.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  file.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), 10);
  file.set(values, 10 + length);
  return file;
}
