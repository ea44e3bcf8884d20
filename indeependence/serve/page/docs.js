// The description in openapi.json as a page: each path, what it takes, and what it returns.

import { byId, made } from "./words.js";

const here = window.location.origin;
byId("address").textContent = here;
for (const place of document.querySelectorAll(".address")) place.textContent = here;

function rows(title, pairs) {
  if (!pairs.length) return "";
  const cells = pairs.map(([name, about]) => made("tr", {}, made("th", { scope: "row", className: "mono", text: name }), made("td", { text: about })));
  return made("table", {}, made("caption", { className: "sr", text: title }), made("tbody", {}, ...cells));
}

function section(path, verb, about) {
  const id = `${verb}${path.replaceAll("/", "-")}`;
  const taken = Object.keys(about.requestBody?.content ?? {});
  const words = (about.parameters ?? []).map((one) => [`?${one.name}=`, one.description]);
  const returned = about.responses[200]?.description;
  return made(
    "section",
    { className: "card", "aria-labelledby": id },
    made("h2", { id }, made("span", { className: "verb", text: verb.toUpperCase() }), made("span", { className: "mono", text: path })),
    made("p", { text: about.description ?? about.summary }),
    taken.length ? made("p", { className: "quiet", text: `Takes ${taken.join(", ")}` }) : "",
    rows("Query", words),
    returned && returned !== "Successful Response" ? made("p", { className: "quiet", text: `Returns: ${returned}` }) : "",
  );
}

function refusals(described) {
  const known = Object.entries(described.paths["/predict"].post.responses).filter(([status]) => status !== "200");
  return made(
    "section",
    { className: "card", "aria-labelledby": "refusals" },
    made("h2", { id: "refusals", text: "When it says no" }),
    made("p", { text: "One line says why, as on the command line: {\"error\": \"expected …, got …: try …\"}." }),
    rows("Refusals", known.map(([status, one]) => [status, one.description])),
  );
}

const described = await (await fetch("/openapi.json")).json();
for (const [path, verbs] of Object.entries(described.paths)) {
  for (const [verb, about] of Object.entries(verbs)) byId("paths").append(section(path, verb, about));
}
byId("paths").append(refusals(described));
