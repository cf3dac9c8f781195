// Suggestions while one writes: ready texts behind a slash, colleagues behind an @. From the keyboard alone.

const list = document.getElementById("picker");
const MOST = 8;
const GAP = /⟦[^⟧]*⟧/;
const KINDS = {
  reply: { before: /(?:^|\s)\/([\p{L}\d_-]*)$/u, sign: "/", source: "texts" },
  note: { before: /(?:^|\s)@([^\n@]{0,40})$/u, sign: "@", source: "names" },
};

const form = document.getElementById("reply");
const box = form?.querySelector("textarea");
const macro = document.getElementById("macro");
let shown = [];
let chosen = 0;
const loaded = {};

async function load(source) {
  loaded[source] ??= fetch(form.dataset[source], { headers: { "X-Requested-With": "fetch" }, redirect: "manual" })
    .then((response) => (response.ok ? response.json() : {}))
    .then((data) => data[source] || [])
    .catch(() => []);
  const found = await loaded[source];
  if (!found.length) delete loaded[source]; // perhaps only the connection was gone
  return found;
}

function kind() {
  return KINDS[form.elements.kind.value];
}

function matches(entries, words) {
  const wanted = words.toLowerCase();
  const begins = (text) => text.toLowerCase().startsWith(wanted);
  const first = entries.filter((e) => begins(e.shortcut || e.name) || e.name?.split(" ").some(begins));
  const others = entries.filter((e) => wanted && !first.includes(e) && e.text?.toLowerCase().includes(wanted));
  return [...first, ...others].slice(0, MOST);
}

function line(entry, index) {
  const item = document.createElement("li");
  item.id = `pick-${index}`;
  item.role = "option";
  const name = document.createElement("strong");
  name.textContent = entry.name ?? `/${entry.shortcut}`;
  const rest = document.createElement("span");
  rest.textContent = entry.name ? entry.team : entry.text.slice(0, 120);
  item.append(name, " ", rest);
  item.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
  item.addEventListener("click", () => take(index));
  return item;
}

function mark() {
  for (const [index, item] of [...list.children].entries()) item.ariaSelected = String(index === chosen);
  box.setAttribute("aria-activedescendant", `pick-${chosen}`);
  list.children[chosen]?.scrollIntoView({ block: "nearest" });
}

export function closePicker() {
  if (!list || list.hidden) return false;
  list.hidden = true;
  box.removeAttribute("aria-activedescendant");
  return true;
}

async function suggest() {
  const { before, source } = kind();
  const found = box.value.slice(0, box.selectionStart).match(before);
  if (!found) return closePicker();
  const entries = await load(source);
  const again = box.value.slice(0, box.selectionStart).match(before); // what was written meanwhile
  shown = again ? matches(entries, again[1]) : [];
  if (!shown.length) return closePicker();
  chosen = 0;
  list.replaceChildren(...shown.map(line));
  list.hidden = false;
  mark();
}

function take(index) {
  const entry = shown[index];
  const { before, sign } = kind();
  const end = box.selectionStart;
  const typed = box.value.slice(0, end).match(before);
  if (!entry || !typed) return closePicker();
  const start = end - typed[1].length - sign.length;
  const text = entry.name ? `@${entry.name} ` : entry.text;
  box.setRangeText(text, start, end, "end");
  if (entry.macro) showMacro(entry.macro);
  closePicker();
  selectGap(start);
  box.dispatchEvent(new Event("input"));
}

/** Selects what is still to be filled in, from a place on; whether there is anything. */
export function selectGap(from = 0) {
  const gap = box.value.slice(from).match(GAP) && box.value.indexOf(box.value.slice(from).match(GAP)[0], from);
  if (typeof gap !== "number") return false;
  box.focus();
  box.setSelectionRange(gap, box.value.indexOf("⟧", gap) + 1);
  return true;
}

/** What happens besides the text when it is sent; null for nothing. */
export function showMacro(does) {
  form.elements.macro.value = does?.id ?? "";
  macro.hidden = !does;
  macro.querySelector("span").textContent = does?.does ?? "";
}

function onKey(event) {
  if (list.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    chosen = (chosen + step + shown.length) % shown.length;
    mark();
  } else if (event.key === "Enter" || event.key === "Tab") take(chosen);
  else if (event.key === "Escape") closePicker();
  else return;
  event.preventDefault();
  event.stopPropagation(); // Escape closes the list and stays in the box
}

function begin() {
  const place = box.selectionStart;
  const joined = place && !/\s/.test(box.value[place - 1]) ? " /" : "/";
  box.focus();
  box.setRangeText(joined, place, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input"));
}

export function startPicker() {
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", "picker");
  box.addEventListener("input", suggest);
  box.addEventListener("keydown", onKey);
  box.addEventListener("blur", closePicker);
  macro.querySelector("button").addEventListener("click", () => (showMacro(null), box.focus()));
  const button = document.getElementById("pick");
  button.hidden = false;
  button.addEventListener("click", begin);
}
