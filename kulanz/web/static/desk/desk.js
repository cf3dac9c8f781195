// Everything works without this script; with it the desk is live and can be used from the keyboard alone.

import { transfer, undo } from "./beside.js";
import { acceptIt, DRAFT, focusNote, focusReply, startConversation } from "./conversation.js";
import { startCopilot } from "./copilot.js";
import { startEvidence } from "./evidence.js";
import { startPalette } from "./palette.js";
import { startPresence } from "./presence.js";
import { move, startQueue } from "./queue.js";
import { focusTag, openRest, selectNone, selectRow, startSorting } from "./sorting.js";

const help = document.getElementById("shortcuts");
const helpButton = document.getElementById("help-button");
const enabled = document.getElementById("shortcuts-on");
const ENABLED = "kulanz-shortcuts";

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  r: focusReply,
  n: focusNote,
  t: transfer,
  u: undo,
  a: acceptIt,
  l: focusTag,
  z: openRest,
  x: () => selectRow(),
  X: () => selectRow(true),
  Escape: selectNone,
  "/": () => {
    const search = document.getElementById("search");
    search?.focus();
    return Boolean(search);
  },
  "?": () => (help.showModal(), true),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (enabled.checked && Object.hasOwn(KEYS, event.key) && KEYS[event.key]()) event.preventDefault();
}

if (help) {
  enabled.checked = localStorage.getItem(ENABLED) !== "off";
  enabled.addEventListener("change", () => localStorage.setItem(ENABLED, enabled.checked ? "on" : "off"));
  helpButton.hidden = false;
  helpButton.addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", onKey);
}

for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => confirm(form.dataset.confirm) || event.preventDefault());
}

const copy = document.getElementById("copy");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById("secret").value);
    copy.textContent = copy.dataset.done;
  });
}

// drafts hold customers' words: the next person at this browser must not find them
document.querySelector("form.sign-out")?.addEventListener("submit", () => {
  for (const key of Object.keys(localStorage)) if (key.startsWith(DRAFT)) localStorage.removeItem(key);
});

startCopilot();
startQueue();
startSorting();
startPalette();
startConversation();
startEvidence();
startPresence();
