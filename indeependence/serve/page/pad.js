// The drawing field: pen, finger, mouse or keys; and what the model sees of it.

const PEN = 0.028; // of the field's side
const FILLED = 20 / 28; // of the model's picture: a drawing is brought to the middle, as large as this
const LEAST = 0.3; // of the field: what is smaller is not blown up any further

export class Pad {
  constructor(canvas, seen, changed) {
    this.canvas = canvas;
    this.seen = seen;
    this.changed = changed;
    this.strokes = [];
    this.pen = { x: 0.5, y: 0.5, down: false, shown: false };
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (this.stroke = null));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => this.#show(false));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.draw();
  }

  get empty() {
    return !this.strokes.length;
  }

  clear() {
    this.strokes = [];
    this.stroke = null;
    this.pen.down = false;
    this.draw();
    this.changed();
  }

  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  #down(event) {
    if (event.button) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#begin(this.#place(event));
    event.preventDefault();
    this.canvas.classList.add("pointed");
    this.canvas.focus({ preventScroll: true });
    this.#show(false);
  }

  #move(event) {
    if (!this.stroke) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.stroke.push(this.#place(one));
    this.#redrawn();
  }

  #begin(place) {
    this.stroke = [place];
    this.strokes.push(this.stroke);
    this.#redrawn();
  }

  #redrawn() {
    this.draw();
    this.changed();
  }

  #show(shown) {
    this.pen.shown = shown;
    this.draw();
  }

  #key(event) {
    this.canvas.classList.remove("pointed");
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else if (event.key === " ") {
      this.pen.down = !this.pen.down;
      if (this.pen.down) this.#begin([this.pen.x, this.pen.y]);
      else this.stroke = null;
    } else if (step) {
      const far = event.shiftKey ? 0.1 : 0.03;
      for (const [at, axis] of [[0, "x"], [1, "y"]]) this.pen[axis] = Math.min(0.96, Math.max(0.04, this.pen[axis] + far * step[at]));
      if (this.pen.down && this.stroke) this.stroke.push([this.pen.x, this.pen.y]);
    } else return;
    event.preventDefault();
    this.pen.shown = true;
    this.#redrawn();
  }

  draw() {
    const { canvas } = this;
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    const ink = getComputedStyle(canvas).color;
    traced(context, this.strokes, ([x, y]) => [x * canvas.width, y * canvas.height], PEN * canvas.width, ink);
    if (!this.pen.shown) return;
    context.beginPath();
    context.arc(this.pen.x * canvas.width, this.pen.y * canvas.height, 14, 0, 2 * Math.PI);
    context.lineWidth = 4;
    context.strokeStyle = ink;
    if (this.pen.down) context.fill();
    context.stroke();
  }

  // The drawing as the model's input: white on black, in the middle, bytes of `shape` [H, W] or [H, W, 3].
  pixels(shape) {
    const [height, width] = shape;
    const points = this.strokes.flat();
    const [low, high] = [Math.min, Math.max].map((end) => [0, 1].map((axis) => end(...points.map((place) => place[axis]))));
    const size = Math.max(LEAST, high[0] - low[0], high[1] - low[1]);
    const side = Math.min(height, width);
    const scale = (FILLED * side) / size;
    const middle = [0, 1].map((axis) => (low[axis] + high[axis]) / 2);
    const fine = 8; // drawn larger and averaged: the same on every screen
    const canvas = new OffscreenCanvas(width * fine, height * fine);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const placed = ([x, y]) => [((x - middle[0]) * scale + width / 2) * fine, ((y - middle[1]) * scale + height / 2) * fine];
    traced(context, this.strokes, placed, 0.08 * side * fine, "#fff");
    const grey = averaged(context.getImageData(0, 0, canvas.width, canvas.height), width, height, fine);
    this.#preview(grey, width, height);
    return shape.length === 2 ? grey : Uint8Array.from({ length: grey.length * 3 }, (_, at) => grey[Math.floor(at / 3)]);
  }

  #preview(grey, width, height) {
    this.seen.width = width;
    this.seen.height = height;
    this.seen.getContext("2d").putImageData(picture(grey, width, height, 1), 0, 0);
  }
}

function traced(context, strokes, placed, pen, ink) {
  context.lineWidth = pen;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = ink;
  for (const stroke of strokes) {
    const places = stroke.map(placed);
    context.beginPath();
    context.moveTo(...places[0]);
    if (places.length === 1) context.lineTo(places[0][0] + 0.01, places[0][1]);
    for (let at = 1; at < places.length; at += 1) {
      const [x, y] = places[at - 1];
      const [next, down] = places[at];
      context.quadraticCurveTo(x, y, (x + next) / 2, (y + down) / 2);
    }
    if (places.length > 1) context.lineTo(...places.at(-1));
    context.stroke();
  }
}

function averaged(image, width, height, fine) {
  const grey = new Uint8Array(width * height);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      let sum = 0;
      for (let y = 0; y < fine; y += 1) {
        const start = ((row * fine + y) * width * fine + column * fine) * 4 + 3;
        for (let x = 0; x < fine; x += 1) sum += image.data[start + 4 * x];
      }
      grey[row * width + column] = Math.round(sum / fine ** 2);
    }
  }
  return grey;
}

// Bytes as a picture that a canvas can show; grey where there is one channel.
export function picture(values, width, height, channels) {
  const image = new ImageData(width, height);
  for (let at = 0; at < width * height; at += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      image.data[4 * at + channel] = values[channels === 1 ? at : at * channels + channel];
    }
    image.data[4 * at + 3] = 255;
  }
  return image;
}
