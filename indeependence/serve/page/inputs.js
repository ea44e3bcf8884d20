// What is shown to the model: a drawing, a frame of the camera, pictures, or rows; one tab for each.

import { Camera } from "./camera.js";
import { Pad, picture } from "./pad.js";
import { NPY, npy } from "./server.js";
import { byId, made } from "./words.js";

const DRAWN = [28, 28]; // where the model has no shape yet
const PHOTOGRAPH = [32, 32, 3];
const TABS = ["draw", "camera", "pictures", "table"];

export class Inputs {
  constructor(changed) {
    this.changed = changed;
    this.shape = null;
    this.photograph = PHOTOGRAPH;
    this.kind = "draw";
    this.files = [];
    this.pad = new Pad(byId("pad"), byId("seen"), () => this.#padChanged());
    this.camera = new Camera(byId("video"), byId("camera-on"), byId("camera-note"));
    byId("clear").addEventListener("click", () => this.pad.clear());
    byId("rows").addEventListener("input", () => changed());
    this.#tabs();
    this.#dropping();
    setInterval(() => this.kind === "camera" && this.camera.on && changed(), 200);
  }

  // All inputs that are shown now: a body with its kind, and a small picture of it.
  async all() {
    if (this.kind === "draw") return this.pad.empty ? [] : [this.#pixels(this.pad, this.shape ?? DRAWN)];
    if (this.kind === "camera") return this.camera.on ? [this.#pixels(this.camera, this.shape ?? this.photograph)] : [];
    if (this.kind === "pictures") return this.files;
    const text = byId("rows").value.trim();
    return text ? [{ input: { body: text, type: "text/csv" }, face: made("span", { className: "rowface", text: "row" }), rows: true }] : [];
  }

  taught() {
    if (this.kind === "draw") this.pad.clear();
    if (this.kind === "pictures") this.#take([]);
    if (this.kind === "table") byId("rows").value = "";
    if (this.kind === "draw") byId("pad").focus({ preventScroll: true });
  }

  // The model takes inputs of this shape alone: other tabs make no sense any more.
  fit(shape, photograph = PHOTOGRAPH) {
    this.shape = shape;
    this.photograph = photograph;
    const table = shape && shape.length === 1;
    const usable = !shape ? TABS : table ? ["table"] : TABS.slice(0, 3);
    for (const name of TABS) byId(`tab-${name}`).disabled = !usable.includes(name);
    if (!usable.includes(this.kind)) this.show(usable[0]);
  }

  show(kind) {
    if (this.kind === "camera" && kind !== "camera") this.camera.stop();
    this.kind = kind;
    for (const name of TABS) {
      byId(`tab-${name}`).setAttribute("aria-selected", name === kind);
      byId(`tab-${name}`).tabIndex = name === kind ? 0 : -1;
      byId(`panel-${name}`).hidden = name !== kind;
    }
    this.changed();
  }

  #pixels(source, shape) {
    const values = source.pixels(shape);
    return { input: { body: npy(values, [1, ...shape]), type: NPY }, face: face(values, shape) };
  }

  #padChanged() {
    byId("pad-hint").hidden = !this.pad.empty;
    byId("seen").parentElement.hidden = this.pad.empty;
    this.changed();
  }

  #tabs() {
    const buttons = TABS.map((name) => byId(`tab-${name}`));
    buttons.forEach((button, at) => {
      button.addEventListener("click", () => this.show(TABS[at]));
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        let next = at;
        do next = (next + step + TABS.length) % TABS.length; while (buttons[next].disabled);
        this.show(TABS[next]);
        buttons[next].focus();
      });
    });
    byId("seen").parentElement.hidden = true;
  }

  #dropping() {
    byId("files").addEventListener("change", (event) => this.#take([...event.target.files]));
    const taken = (event) => {
      event.preventDefault();
      const all = [...(event.dataTransfer?.files ?? event.clipboardData?.files ?? [])];
      const table = all.find((one) => /\.(csv|tsv|txt)$/i.test(one.name));
      if (table && !byId("tab-table").disabled) this.#read(table);
      const files = all.filter((one) => one.type.startsWith("image/"));
      if (!files.length) return;
      if (this.kind !== "pictures" && !byId("tab-pictures").disabled) this.show("pictures");
      this.#take(files);
    };
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", taken);
    document.addEventListener("paste", (event) => event.clipboardData?.files.length && taken(event));
  }

  async #read(table) {
    byId("rows").value = await table.text();
    this.show("table");
  }

  #take(files) {
    for (const { face } of this.files) URL.revokeObjectURL(face.src);
    this.files = files.map((file) => ({
      input: { body: file, type: file.type },
      face: made("img", { src: URL.createObjectURL(file), alt: "" }),
    }));
    byId("shown").replaceChildren(...this.files.map((one) => one.face.cloneNode()));
    byId("drop").classList.toggle("filled", files.length > 0);
    if (!files.length) byId("files").value = "";
    this.changed();
  }
}

// One request for all that is shown, so that one press of Undo takes all of it back.
export function together(shown) {
  if (shown.length === 1) return shown[0].input;
  const form = new FormData();
  for (const { input } of shown) form.append("pictures", input.body);
  return { body: form };
}

function face(values, [height, width, channels = 1]) {
  const canvas = made("canvas", { width, height });
  canvas.getContext("2d").putImageData(picture(values, width, height, channels), 0, 0);
  return canvas;
}
