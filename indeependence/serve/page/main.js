// The page: inputs to answers, names to lessons, and what is known to what is shown.

import { showIdle, showMany, showOne } from "./answers.js";
import { forgetThumbnails, remember, showClasses, takeBack } from "./classes.js";
import { Inputs, together } from "./inputs.js";
import { recall, showFacts } from "./proof.js";
import { ask, asked, post, predict, teach } from "./server.js";
import { byId, bytes, examples, say, toast } from "./words.js";

let facts = { classes: [], examples: 0 };
let asking = false;
let askAgain = false;
const inputs = new Inputs(() => answer());

// One question at a time, always the newest: bars follow the pen as fast as answers come.
async function answer() {
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    do {
      askAgain = false;
      await answerOnce();
    } while (askAgain);
  } finally {
    asking = false;
  }
}

async function answerOnce() {
  const shown = await inputs.all();
  if (!shown.length || !facts.classes?.length) {
    rest();
    return;
  }
  const excess = tooMuch(shown);
  if (excess) {
    showIdle("Too much at once.", excess);
    return;
  }
  try {
    const found = (await predict(together(shown))).answers;
    if (found.length === 1) showOne(found[0]);
    else showMany(found, shown.map((one) => (one.rows ? undefined : one.face.cloneNode(true))));
  } catch (error) {
    if (inputs.kind === "table") showIdle("I cannot read that yet.", error.message);
    else if (error.status !== 409) toast(error.message, true);
  }
}

// What the server would refuse anyway, said before all of it is sent.
function tooMuch(shown) {
  if (shown.length > facts.batch) return `Show at most ${facts.batch} at once.`;
  const size = shown.reduce((sum, { input }) => sum + (input.body.size ?? input.body.length), 0);
  if (size < 0.99 * facts.body) return "";
  return `This is ${bytes(size)}, and the server takes ${bytes(facts.body)} at once: show ${shown.length > 1 ? "fewer" : "a smaller one"}.`;
}

function rest() {
  if (!facts.classes?.length) showIdle("I know nothing yet.", "Draw something, give it a name, and press Teach. Five of each kind are enough.");
  else showIdle("Ask me.", `I know ${facts.classes.length === 1 ? "one thing" : `${facts.classes.length} things`}. Show me something.`);
}

async function refresh() {
  facts = await asked("/model");
  facts.classes ??= (facts.labels ?? []).map((label) => ({ class: label, examples: 0 }));
  inputs.fit(facts.input_shape, facts.photograph_shape);
  showClasses(facts.classes, { forgetClass, forgetOne, draws: facts.draws, learns: facts.learns });
  byId("undo").disabled = !facts.can_undo;
  byId("download").disabled = !facts.input_shape;
  byId("teach").disabled = !facts.learns;
  byId("merge-label").hidden = !facts.learns;
  await showFacts(facts);
  await answer();
}

// Do something that changes the model, once at a time, and show what came of it.
async function change(doing, done) {
  document.body.classList.add("busy");
  try {
    const said = await doing();
    toast(done(said));
    say(done(said));
  } catch (error) {
    toast(error.message, true);
  }
  try {
    await refresh();
  } finally {
    document.body.classList.remove("busy");
  }
}

async function lesson(event) {
  event.preventDefault();
  const label = byId("name").value.trim();
  const shown = await inputs.all();
  if (!shown.length) {
    toast("Show me something first.", true);
    return;
  }
  const excess = tooMuch(shown);
  if (excess) {
    toast(excess, true);
    return;
  }
  if (!label && inputs.kind !== "table") {
    toast("Give it a name first.", true);
    byId("name").focus();
    return;
  }
  await change(async () => {
    const last = await teach("learn", together(shown), label);
    for (const one of shown) if (label && !one.rows) remember(label, one.input, one.face);
    inputs.taught();
    return { ...last, count: shown.length };
  }, (last) => (label && last.count === 1 ? `Learned: ${label}.` : `Learned ${examples(last.count > 1 ? last.count : last.examples)}.`));
}

function forgetClass(name, label) {
  return change(async () => {
    const said = await post("/forget", { class: name });
    forgetThumbnails(label);
    return said;
  }, () => `Forgotten: ${label}.`);
}

function forgetOne(label, one) {
  return change(async () => {
    const said = await teach("forget", one.input, label);
    forgetThumbnails(label, [one]);
    return said;
  }, () => `Forgotten: one ${label}.`);
}

function undo() {
  return change(async () => {
    const said = await post("/undo", {});
    takeBack(said);
    return said;
  }, () => "Taken back.");
}

async function download() {
  try {
    const file = await (await ask("/model/file")).blob();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = "model.safetensors";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } catch (error) {
    toast(error.message, true);
  }
}

async function merge(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  const options = { method: "POST", body: file, type: "application/octet-stream" };
  await change(() => asked("/merge", options), (said) => `Added ${examples(said.examples)}.`);
}

byId("teach-form").addEventListener("submit", lesson);
byId("undo").addEventListener("click", undo);
byId("download").addEventListener("click", download);
byId("merge").addEventListener("change", merge);
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea");
  if ((event.ctrlKey || event.metaKey) && event.key === "z" && !typing && !byId("undo").disabled) {
    event.preventDefault();
    undo();
  }
});

recall().then(refresh).catch((error) => toast(error.message, true));
