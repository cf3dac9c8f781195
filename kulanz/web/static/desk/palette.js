// Everything that can be done on this page, found by typing: Ctrl or Cmd and K. A combobox with a listbox, as the ARIA
// authoring practices describe it. The commands are the page's own links and buttons: what is not there can't be done.

const dialog = document.getElementById("palette");
const box = document.getElementById("palette-text");
const list = document.getElementById("palette-list");
const COMMANDS = "[data-command], .menu a, #head .acts button, .sign-out button";
const MOST = 12;
let before = null; // what had the focus
let matching = [];
let active = 0;

const words = (text) => text.replace(/\s+/g, " ").trim();
const folded = (text) => words(text).toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

function usable(node) {
  if (node.disabled || dialog.contains(node)) return false;
  if (node.closest("[hidden]")) return false;
  return !node.closest("#together") || document.getElementById("together").classList.contains("open");
}

/** [{label, node}] of the page as it is now, each label once. */
function commands() {
  const found = new Map();
  for (const node of document.querySelectorAll(COMMANDS)) {
    const label = words(node.dataset.command || node.textContent);
    if (label && usable(node) && !found.has(label)) found.set(label, { label, node });
  }
  return [...found.values()];
}

function run(command) {
  const { node, search } = command;
  close();
  if (search !== undefined) {
    const field = document.getElementById("search");
    field.value = search;
    field.form.requestSubmit();
    return;
  }
  for (let part = node.parentElement; part; part = part.parentElement) if (part.matches("details")) part.open = true;
  if (node.matches("summary")) node.parentElement.querySelector("select, input, button")?.focus();
  else if (node.matches("button, input") && node.form && !node.form.checkValidity()) {
    node.form.querySelector(":invalid")?.focus(); // asks for what is missing
  } else node.click();
}

function mark() {
  [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === active)));
  const option = list.children[active];
  box.setAttribute("aria-activedescendant", option ? option.id : "");
  option?.scrollIntoView({ block: "nearest" });
}

function show() {
  const parts = folded(box.value).split(" ").filter(Boolean);
  matching = commands().filter(({ label }) => parts.every((part) => folded(label).includes(part)));
  matching.sort((a, b) => folded(b.label).startsWith(parts[0] || "") - folded(a.label).startsWith(parts[0] || ""));
  matching = matching.slice(0, MOST);
  const typed = words(box.value);
  if (typed && document.getElementById("search")) {
    matching.push({ label: list.dataset.search.replace("{words}", typed), search: typed });
  }
  list.replaceChildren(
    ...matching.map(({ label }, index) => {
      const option = document.createElement("li");
      option.id = `palette-${index}`;
      option.setAttribute("role", "option");
      option.textContent = label;
      option.addEventListener("click", () => run(matching[index]));
      return option;
    }),
  );
  active = 0;
  mark();
}

function onKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && matching.length) {
    event.preventDefault();
    active = (active + step + matching.length) % matching.length;
    mark();
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (matching[active]) run(matching[active]);
  }
}

function close() {
  dialog.close();
  before?.focus();
}

function open() {
  if (dialog.open || document.querySelector("dialog[open]")) return;
  before = document.activeElement;
  box.value = "";
  dialog.showModal();
  show();
  box.focus();
}

export function startPalette() {
  if (!dialog) return;
  box.addEventListener("input", show);
  box.addEventListener("keydown", onKey);
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  const button = document.getElementById("palette-button");
  button.hidden = false;
  button.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    dialog.open ? close() : open();
  });
}
