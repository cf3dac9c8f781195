// Selecting several conversations, and the tags and the rest beside the open one.

import { debounced, fragment, replaceInside } from "./live.js";

const together = document.getElementById("together");
const panel = document.getElementById("panel");
const chosen = new Set(); // what stays selected while the list is fetched again
let last = null; // where a range begins

const boxes = () => [...document.querySelectorAll("#rows .pick")];

function show() {
  for (const box of boxes()) box.checked = chosen.has(box.value);
  const label = document.getElementById("selected");
  label.textContent = `${label.dataset.none}: ${chosen.size}`;
  together.classList.toggle("open", chosen.size > 0);
  document.getElementById("select-none").hidden = !chosen.size;
}

function select(box, range) {
  const all = boxes();
  const on = box.checked;
  const [from, to] = [range && last ? all.findIndex((b) => b.value === last) : -1, all.indexOf(box)];
  const meant = from < 0 ? [box] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const one of meant) on ? chosen.add(one.value) : chosen.delete(one.value);
  last = box.value;
  show();
}

/** Selects the row that has the focus, or all from the one selected last. */
export function selectRow(range = false) {
  const box = document.activeElement?.closest("#rows li")?.querySelector(".pick");
  if (!box) return false;
  box.checked = range || !box.checked;
  select(box, range);
  return true;
}

export function selectNone() {
  if (!chosen.size) return false;
  chosen.clear();
  last = null;
  show();
  return true;
}

/** Those that have left the list are selected no longer: nobody sees them there. */
export function keepSelected() {
  if (!together) return;
  const there = new Set(boxes().map((box) => box.value));
  for (const key of chosen) if (!there.has(key)) chosen.delete(key);
  show();
}

function put(html) {
  const fresh = new DOMParser().parseFromString(html || "", "text/html").getElementById("sorting");
  if (fresh) replaceInside(document.getElementById("sorting"), fresh.innerHTML);
}

async function sortOpenOne(event) {
  const form = event.target.closest("form[data-sort]");
  if (!form) return;
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  const headers = { "X-Requested-With": "fetch" };
  const response = await fetch(form.action, { method: "POST", body: data, headers, redirect: "manual" }).catch(() => null);
  if (response?.type === "opaqueredirect") return location.reload();
  const error = document.getElementById("sorting-error");
  if (!response?.ok) {
    error.textContent = response?.status === 422 ? await response.text() : error.dataset.failed;
    return;
  }
  const typed = form.matches(".add-tag");
  form.reset();
  put(await response.text());
  if (typed) document.getElementById("new-tag").focus();
  else if (!panel.contains(document.activeElement)) document.getElementById("new-tag").focus({ preventScroll: true });
}

export const focusTag = () => {
  const box = document.getElementById("new-tag");
  box?.focus();
  return Boolean(box);
};

export const openRest = () => {
  const rest = document.getElementById("rest-until");
  if (!rest) return false;
  rest.open = true;
  rest.querySelector("button").focus();
  return true;
};

export function startSorting() {
  panel?.addEventListener("submit", sortOpenOne);
  const again = debounced(async () => put(await fragment(document.getElementById("sorting").dataset.url)));
  document.addEventListener("kulanz:beside", ({ detail }) => {
    if (panel && detail.conversation === document.body.dataset.conversation) again();
  });
  if (!together) return;
  let shift = false;
  document.addEventListener("click", (event) => (shift = event.shiftKey), true);
  document.addEventListener("change", (event) => event.target.matches?.("#rows .pick") && select(event.target, shift));
  document.getElementById("select-none").addEventListener("click", () => {
    selectNone();
    document.querySelector(".row")?.focus();
  });
  for (const box of boxes()) if (box.checked) chosen.add(box.value);
  show();
}
