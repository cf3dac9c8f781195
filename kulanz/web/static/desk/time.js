// What every desk page tells about times: the stop of the assistant, what is due; and the live board.

import { debounced, follow, fragment, replaceInside } from "./live.js";

const place = (id) => document.getElementById(id);

function refresher(id, wait) {
  const element = place(id);
  if (!element) return () => {};
  return debounced(async () => replaceInside(element, await fragment(element.dataset.url)), wait);
}

const stopped = refresher("stopped", 100);
const menu = refresher("time-menu", 500);
const board = refresher("board", 800);
const whispers = refresher("whispers", 100);
const everything = () => (stopped(), menu(), board(), whispers());

/** Seen at once where the conversation is open; elsewhere the navigation tells of it. */
function onWhisper({ conversation }) {
  if (place("whispers")?.dataset.conversation === conversation) whispers();
  menu();
}

if (place("stopped")) {
  follow("queue", { stopped: () => (stopped(), board()), warning: menu, changed: board, whisper: onWhisper }, everything);
  setInterval(() => document.hidden || (menu(), board()), 60_000);
}
