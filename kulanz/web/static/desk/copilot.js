// At the agent's side: suggestions that are put into the box, never sent, and the agent's text in other words.

import { debounced, fragment } from "./live.js";

const place = document.getElementById("copilot");
const box = document.querySelector("#reply textarea");
const error = document.getElementById("reply-error");

function put(text) {
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true })); // the draft is kept
  box.focus();
}

/** The strip again, open as it was. A strip that is being used is left alone. */
async function refresh() {
  const open = place.querySelector("details")?.open;
  if (place.contains(document.activeElement) && document.activeElement.tagName !== "SUMMARY") return;
  const html = await fragment(place.dataset.url);
  if (html === null) return;
  place.innerHTML = html;
  if (open) place.querySelector("details").open = true;
}

async function letAssistant(event) {
  const form = event.target.closest("form.let-assistant");
  if (!form) return;
  event.preventDefault();
  const response = await send(form.action, new FormData(form));
  error.textContent = response?.ok ? "" : response?.status === 422 ? await response.text() : place.dataset.failed;
}

function send(url, data) {
  const headers = { "X-Requested-With": "fetch" };
  return fetch(url, { method: "POST", body: data, headers, redirect: "manual" }).catch(() => null);
}

function startRewording(bar) {
  const state = document.getElementById("reword-state");
  const back = document.getElementById("reword-back");
  let own = "";
  bar.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button === back) {
      back.hidden = true;
      return put(own);
    }
    if (bar.dataset.busyNow) return;
    bar.dataset.busyNow = "1";
    state.textContent = bar.dataset.busy;
    const before = box.value;
    const data = new FormData();
    data.set("csrfmiddlewaretoken", document.querySelector("#reply [name=csrfmiddlewaretoken]").value);
    data.set("text", before);
    data.set("way", button.value);
    const response = await send(bar.dataset.url, data);
    delete bar.dataset.busyNow;
    const said = response && (response.ok || response.status === 422) ? await response.text() : place.dataset.failed;
    state.textContent = response?.ok ? "" : said;
    if (!response?.ok || box.value !== before) return; // who has gone on writing keeps their words
    own = before;
    back.hidden = false;
    put(said);
  });
}

export function startCopilot() {
  if (!place || !box) return;
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    put(box.value.trim() ? `${box.value.trimEnd()}\n\n${button.dataset.insert}` : button.dataset.insert);
  });
  place.addEventListener("submit", letAssistant);
  const bar = document.querySelector(".reword");
  if (bar) startRewording(bar);
  const again = debounced(refresh, 600);
  new MutationObserver(again).observe(document.getElementById("messages"), { childList: true });
  again();
}
