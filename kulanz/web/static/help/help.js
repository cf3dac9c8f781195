// The help centre works without this script; with it the search field offers articles while one types.

const WAIT = 180; // milliseconds after the last key: words alone are searched for here, meaning on Enter
const field = document.querySelector("input[data-suggest]");
const box = document.querySelector("[data-suggestions]");
const found = document.querySelector("[data-found]");
let timer = 0;
let asked = 0;

function close() {
  box.hidden = true;
  found.textContent = "";
}

async function ask() {
  const typed = field.value.trim();
  const number = ++asked;
  if (typed.length < 2) return close();
  try {
    const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(typed)}`);
    if (number !== asked || !answer.ok) return undefined; // a newer one is on its way
    box.innerHTML = await answer.text();
    const list = box.querySelector("ul");
    box.hidden = !list;
    found.textContent = list ? list.dataset.say : "";
  } catch {
    close(); // offline: Enter still searches
  }
  return undefined;
}

function move(event, step) {
  const links = [...box.querySelectorAll("a")];
  if (box.hidden || !links.length) return;
  event.preventDefault();
  const to = links.indexOf(document.activeElement) + step;
  if (to < 0) field.focus();
  else links[Math.min(to, links.length - 1)].focus();
}

if (field) {
  const form = field.form;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") move(event, 1);
    else if (event.key === "ArrowUp") move(event, -1);
    else if (event.key === "Escape" && !box.hidden) {
      close();
      field.focus();
    }
  });
  form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || close());
}
