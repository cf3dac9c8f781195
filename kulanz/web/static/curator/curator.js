// Everything works without this script; with it trainings show how far they are, effects are estimated where one
// looks at them, and groups can be decided from the keyboard.

import { fragment } from "../desk/live.js";

const training = document.getElementById("training");
const shortcuts = document.getElementById("shortcuts-on");

async function watchTraining() {
  const html = await fragment(training.dataset.url);
  if (html !== null) training.innerHTML = html;
  if (html === null || training.querySelector("[data-running]")) setTimeout(watchTraining, 1000);
  else location.reload(); // figures, warnings and the candidate are new
}

if (training?.querySelector("[data-running]")) setTimeout(watchTraining, 500);

for (const details of document.querySelectorAll("details.effect")) {
  details.addEventListener("toggle", async () => {
    if (!details.open || details.dataset.loaded) return;
    details.dataset.loaded = "1";
    const query = new URLSearchParams();
    for (const box of details.closest("form").querySelectorAll('input[name="id"]')) query.append("id", box.value);
    query.set("suggested", details.closest("form").elements.suggested.value);
    const html = await fragment(`${details.dataset.url}?${query}`);
    if (html !== null) details.querySelector("div").innerHTML = html;
    else delete details.dataset.loaded;
  });
}

const groups = [...document.querySelectorAll("form.group")];

function current() {
  return groups.findIndex((group) => group.contains(document.activeElement));
}

function go(step) {
  const from = current();
  const to = groups[from < 0 ? 0 : Math.min(groups.length - 1, Math.max(0, from + step))];
  to?.focus();
  to?.scrollIntoView({ block: "nearest" });
}

function decide(act) {
  const group = groups[current()];
  const button = group?.querySelector(`button[value="${act}"]`);
  if (button) group.requestSubmit(button);
}

const KEYS = { j: () => go(1), k: () => go(-1), a: () => decide("accept"), x: () => decide("reject") };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !groups.length || !shortcuts?.checked) return;
  if (event.target.closest('textarea, select, input:not([type="checkbox"]), dialog')) return;
  if (Object.hasOwn(KEYS, event.key)) {
    event.preventDefault();
    KEYS[event.key]();
  }
});
