// The list of conversations: fetched again when the queue has changed, walked through with j and k.

import { debounced, follow, fragment, replaceInside } from "./live.js";
import { keepSelected } from "./sorting.js";

const list = document.getElementById("list");

async function refresh() {
  const query = new URLSearchParams(location.search);
  const rows = document.getElementById("rows");
  query.set("list", rows?.dataset.list || "waiting");
  query.set("current", list.dataset.current || "");
  const top = rows?.scrollTop || 0;
  replaceInside(list, await fragment(`${list.dataset.url}?${query}`));
  const fresh = document.getElementById("rows");
  if (!fresh) return;
  fresh.scrollTop = top;
  keepSelected();
  const waiting = Number(fresh.dataset.waiting);
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (waiting) document.title = `(${waiting}) ${document.title}`;
}

/** Moves the focus by `step` rows, from the focused or else the open conversation. */
export function move(step) {
  const rows = [...document.querySelectorAll(".row")];
  if (!rows.length) return false;
  const from = rows.findIndex((row) => row === document.activeElement || row.matches("[aria-current]"));
  const focused = rows.indexOf(document.activeElement);
  const start = focused >= 0 ? focused : from >= 0 ? from : step > 0 ? -1 : rows.length;
  rows[Math.min(rows.length - 1, Math.max(0, start + step))].focus();
  return true;
}

export function startQueue() {
  if (!list) return;
  const soon = debounced(refresh, 200);
  const beside = (detail) => document.dispatchEvent(new CustomEvent("kulanz:beside", { detail }));
  follow("queue", { changed: soon, beside, assigned: () => dispatchEvent(new Event("kulanz:assigned")) }, soon);
  setInterval(() => document.hidden || soon(), 60_000); // "5 min" grows without any event
  document.querySelector('.row[aria-current]')?.scrollIntoView({ block: "nearest" });
}
