// What the model thinks: bars that move, a sentence, and a warning for what it has never seen the like of.

import { byId, hue, made, percent, say } from "./words.js";

const SHOWN = 8; // bars
let spoken = "";

function warn(text) {
  byId("unlike").hidden = !text;
  if (text) byId("unlike").textContent = text;
}

export function showIdle(text, hint) {
  byId("verdict").textContent = text;
  byId("verdict").className = "verdict";
  byId("hint").textContent = hint;
  warn("");
  byId("many").hidden = true;
  byId("bars").classList.add("resting");
  byId("live").hidden = true;
  spoken = "";
}

export function showOne(answer) {
  const all = [answer, ...answer.others];
  byId("bars").hidden = false;
  byId("many").hidden = true;
  byId("bars").classList.remove("resting");
  const sure = answer.probability >= 0.5;
  byId("verdict").replaceChildren(
    sure ? "" : "Perhaps ",
    made("strong", { className: hue(answer.label), text: answer.label }),
  );
  byId("verdict").className = answer.unlike ? "verdict doubtful" : "verdict";
  byId("hint").textContent = all.length === 1 ? "It is the only thing that I know. Teach me another." : `${percent(answer.probability)} sure`;
  warn(answer.unlike && "This looks like nothing that I know.");
  byId("live").hidden = false;
  byId("live").className = `live ${hue(answer.label)}`;
  byId("live").textContent = `${answer.unlike ? "new to me · " : ""}${answer.label} ${percent(answer.probability)}`;
  bars(all.slice(0, SHOWN));
  speak(`${answer.label}, ${percent(answer.probability)}${answer.unlike ? ", unlike all that was learned" : ""}`);
}

// Bars keep their places by name, so that they grow and shrink instead of changing seats.
function bars(all) {
  const list = byId("bars");
  const kept = new Map([...list.children].map((one) => [one.dataset.label, one]));
  const wanted = new Set(all.map((one) => String(one.label)));
  for (const [label, one] of kept) if (!wanted.has(label)) one.remove();
  const best = String(all[0].label);
  const inOrder = all.toSorted((a, b) => String(a.label).localeCompare(String(b.label), "en", { numeric: true }));
  for (const one of inOrder) {
    const label = String(one.label);
    const bar = kept.get(label) ?? emptyBar(label);
    list.append(bar);
    bar.classList.toggle("best", label === best);
    bar.querySelector(".fill").style.transform = `scaleX(${one.probability})`;
    bar.querySelector(".share").textContent = percent(one.probability);
  }
}

function emptyBar(label) {
  return made(
    "li",
    { className: hue(label), "data-label": label },
    made("span", { className: "what", text: label, title: label }),
    made("span", { className: "track", "aria-hidden": "true" }, made("span", { className: "fill" })),
    made("span", { className: "share" }),
  );
}

export function showMany(answers, faces) {
  byId("bars").hidden = true;
  byId("many").hidden = false;
  const unlike = answers.filter((one) => one.unlike).length;
  warn(unlike && `${unlike} of ${answers.length} look like nothing that I know.`);
  byId("verdict").textContent = `${answers.length} answers`;
  byId("verdict").className = "verdict";
  byId("hint").textContent = "";
  byId("many").replaceChildren(
    ...answers.slice(0, 60).map((one, at) => made(
      "li",
      { className: one.unlike ? `${hue(one.label)} doubtful` : hue(one.label) },
      faces[at] ?? made("span", { className: "number", text: at + 1 }),
      made("span", { className: "what", text: one.label, title: one.label }),
      made("span", { className: "share", text: percent(one.probability) }),
    )),
  );
  speak(answers.slice(0, 5).map((one) => one.label).join(", "));
}

function speak(text) {
  if (text === spoken) return;
  spoken = text;
  clearTimeout(speak.later);
  speak.later = setTimeout(() => say(text), 700); // once the pen rests
}
