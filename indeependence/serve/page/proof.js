// Fingerprints that eyes can compare: a pattern of each, and all of them in a row.

import { asked } from "./server.js";
import { byId, bytes, examples, made } from "./words.js";

const SIDE = 5; // cells of a pattern, mirrored left and right
const NOTHING = "nothing";
const SHOWN = 24;
const SVG = "http://www.w3.org/2000/svg";
const seen = []; // fingerprints in the order in which this tab met them

function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

export function sigil(sha, size) {
  const drawn = svg("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, width: size, height: size, "aria-hidden": "true", "shape-rendering": "crispEdges" });
  const bits = sha === NOTHING ? [] : [...sha.slice(0, 15)].map((digit) => parseInt(digit, 16));
  const turn = sha === NOTHING ? 0 : (parseInt(sha.slice(16, 20), 16) / 65536) * 360;
  drawn.style.setProperty("--turn", Math.round(turn));
  bits.forEach((value, at) => {
    if (value < 7) return;
    const [column, row] = [at % 3, Math.floor(at / 3)];
    for (const x of new Set([column, SIDE - 1 - column])) {
      drawn.append(svg("rect", { x, y: row, width: 1, height: 1, class: value > 11 ? "strong" : "light" }));
    }
  });
  return drawn;
}

// Show the facts about the model, and whether its fingerprint was there before.
export async function showFacts(facts) {
  const sha = facts.examples ? facts.model_sha256 : NOTHING;
  const before = seen.lastIndexOf(sha);
  const again = before >= 0 && before < seen.length - 1;
  if (seen.at(-1) !== sha) seen.push(sha);
  byId("sigil").replaceChildren(sigil(sha, 104));
  byId("sha").textContent = sha === NOTHING ? "" : sha;
  byId("sentence").replaceChildren(...sentence(sha, again, seen.length - 1 - before));
  byId("sentence").classList.toggle("again", again && sha !== NOTHING);
  row(sha);
  byId("fact-examples").textContent = examples(facts.examples);
  byId("fact-bytes").textContent = facts.examples ? bytes(facts.statistics_bytes) : "none";
}

function sentence(sha, again, steps) {
  if (sha === NOTHING && again) return [made("strong", { text: "Empty again." }), " Not a bit is left of what it knew."];
  if (sha === NOTHING) return ["Once it knows something, a pattern here shows the fingerprint of everything that it knows."];
  if (again) return [made("strong", { text: "Exactly as before." }), ` Every bit is the one of ${steps === 1 ? "the last step" : `${steps} steps ago`}: as if what came since had never been.`];
  return ["The fingerprint of everything that it knows. Teach or forget: when the pattern comes back, so has every bit."];
}

function row(present) {
  const shown = seen.slice(-SHOWN);
  byId("trail").replaceChildren(
    ...shown.map((sha, at) => {
      const now = at === shown.length - 1;
      const twin = sha === present && !now;
      const words = sha === NOTHING ? "empty" : sha.slice(0, 8);
      return made(
        "li",
        { className: now ? "now" : twin ? "twin" : "", title: words },
        sigil(sha, 30),
        made("span", { className: "sr", text: `${words}${twin ? ", the same as now" : ""}${now ? ", now" : ""}` }),
      );
    }),
  );
  byId("trail").hidden = seen.length < 2;
}

// Begin the row with what the server remembers.
export async function recall() {
  const { changes } = await asked("/history");
  if (changes.length) seen.push(changes[0].before);
  for (const one of changes) if (seen.at(-1) !== one.after) seen.push(one.after);
  if (!seen.length) seen.push(NOTHING);
}
