// The classes, how many examples of each, and ways to forget them. Thumbnails are in the memory of this tab alone.

import { ask } from "./server.js";
import { byId, examples, hue, made } from "./words.js";

const MOST = 40; // thumbnails of a class
const remembered = new Map(); // by class: what this tab has taught, each with its input and a picture of it
const gone = []; // what was forgotten, the last at the end: an undo brings it back

export function remember(label, input, face) {
  const list = remembered.get(label) ?? [];
  list.push({ input, face });
  remembered.set(label, list.slice(-MOST));
}

export function forgetThumbnails(label, ones = remembered.get(label) ?? []) {
  gone.push([label, ones]);
  remembered.set(label, (remembered.get(label) ?? []).filter((other) => !ones.includes(other)));
}

// The last one is taken back: which is known by what the change says.
export function takeBack(change) {
  for (const { class: name, examples: count } of change.classes) {
    const label = String(name);
    const list = remembered.get(label) ?? [];
    if (count < 0) remembered.set(label, list.slice(0, Math.max(0, list.length + count)));
    else if (gone.at(-1)?.[0] === label) remembered.set(label, [...list, ...gone.pop()[1]]);
  }
}

// What the model itself draws of a class, where it can.
async function drawn(name, image) {
  const picture = await (await ask(`/draw?class=${encodeURIComponent(name)}`)).blob();
  image.src = URL.createObjectURL(picture);
  image.onload = () => URL.revokeObjectURL(image.src);
}

function portrait(name) {
  const image = made("img", { alt: `What the model draws of ${name}`, className: "portrait" });
  drawn(name, image).catch(() => image.remove());
  return image;
}

export function showClasses(classes, { forgetClass, forgetOne, draws, learns }) {
  const present = new Set([...byId("classes").children].map((one) => one.dataset.label));
  byId("no-classes").hidden = classes.length > 0;
  byId("thumb-note").hidden = ![...remembered.values()].some((list) => list.length);
  byId("classes").replaceChildren(
    ...classes.map(({ class: name, examples: count }) => {
      const label = String(name);
      const faces = (remembered.get(label) ?? []).map((one, at) => made(
        "li",
        {},
        made("button", {
          type: "button",
          className: "thumb",
          title: "Forget this one",
          "aria-label": `Forget example ${at + 1} of ${label}`,
          onclick: () => forgetOne(label, one),
        }, one.face),
      ));
      return made(
        "li",
        { className: `class ${hue(label)}${present.has(label) ? "" : " arrived"}`, "data-label": label },
        made("div", { className: "line" },
          made("span", { className: "dot", "aria-hidden": "true" }),
          made("strong", { className: "what", text: label, title: label }),
          made("span", { className: "count", text: learns ? examples(count) : "" }),
          !learns ? "" : made("button", { type: "button", className: "forget", text: "Forget", "aria-label": `Forget ${label}`, onclick: () => forgetClass(name, label) }),
        ),
        draws ? portrait(name) : "",
        faces.length ? made("ul", { className: "thumbs", "aria-label": `Examples of ${label} from this tab` }, ...faces) : "",
      );
    }),
  );
  const names = classes.map((one) => String(one.class));
  byId("known").replaceChildren(...names.map((value) => made("option", { value })));
  byId("chips").replaceChildren(
    ...names.slice(0, 12).map((label) => made("button", {
      type: "button",
      className: `chip ${hue(label)}`,
      text: label,
      onclick: () => {
        byId("name").value = label;
        byId("name").focus();
      },
    })),
  );
}
