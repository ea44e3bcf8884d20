// Words and colours: how numbers are said, and which colour a class has.

export const byId = (id) => document.getElementById(id);

export function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function bytes(count) {
  const units = ["bytes", "KB", "MB", "GB"];
  let at = 0;
  while (count >= 1000 && at < units.length - 1) {
    count /= 1000;
    at += 1;
  }
  return `${at && count < 10 ? count.toFixed(1) : Math.round(count)} ${units[at]}`;
}

export const examples = (count) => `${count.toLocaleString("en")} example${count === 1 ? "" : "s"}`;

export function percent(share) {
  if (share >= 0.995) return "> 99 %";
  return share < 0.005 ? "< 1 %" : `${Math.round(100 * share)} %`;
}

const HUES = 8;
const places = new Map();

// The same colour for a class as long as the page is open, in the order in which classes were met.
export function hue(label) {
  const name = String(label);
  if (!places.has(name)) places.set(name, places.size % HUES);
  return `hue-${places.get(name)}`;
}

export function say(text) {
  byId("said").textContent = text;
}

let fading;
export function toast(text, bad = false) {
  const box = byId("toast");
  box.textContent = text;
  box.className = bad ? "toast shown bad" : "toast shown";
  clearTimeout(fading);
  fading = setTimeout(() => box.classList.remove("shown"), bad ? 9000 : 3500);
}
