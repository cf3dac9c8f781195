// What stands beside the conversation: the reply on its way, earlier conversations, passing on, mentions.

import { debounced, fragment, replaceInside } from "./live.js";

const id = document.body.dataset.conversation;
const held = document.getElementById("held");
const badge = document.getElementById("mentions");
const dialog = document.getElementById("transfer");
const RECENT = `kulanz-held-${id}`;

/** The line about the reply on its way, from the server or as just received. */
export async function showHeld(html) {
  if (html) sessionStorage.setItem(RECENT, Date.now());
  if (held) replaceInside(held, html ?? (await fragment(held.dataset.url)));
}

/** Asks again only where something is on its way: messages come often. */
export const refreshHeld = () => held?.firstElementChild && showHeld();

function post(form) {
  const options = { method: "POST", body: new FormData(form), redirect: "manual" };
  return fetch(form.action, { ...options, headers: { "X-Requested-With": "fetch" } }).catch(() => null);
}

async function asFile({ name, kind, url }) {
  const response = await fetch(url);
  return new File([await response.blob()], name, { type: kind });
}

/** Takes the reply back: its text, files and macro, or else the reason why it is too late. */
async function takeBack(form) {
  const response = await post(form);
  if (!response?.ok) return { error: response?.status === 422 ? await response.text() : "" };
  const { files, ...rest } = await response.json();
  const fetched = await Promise.allSettled(files.map(asFile));
  return { ...rest, files: fetched.filter((one) => one.value).map((one) => one.value) };
}

export function startHeld(giveBack, news) {
  if (Date.now() - sessionStorage.getItem(RECENT) < 10_000) showHeld(); // a reload while one is on its way
  held.addEventListener("submit", async (event) => {
    event.preventDefault();
    const undo = event.target.dataset.act === "take-back";
    const back = undo ? await takeBack(event.target) : (await post(event.target), null);
    if (back) giveBack(back);
    await Promise.all([showHeld(), news()]);
  });
}

/** Presses Undo, if there is something to undo. */
export function undo() {
  const form = held?.querySelector('[data-act="take-back"]');
  form?.requestSubmit();
  return Boolean(form);
}

/** Content of <details data-load> is fetched when it is opened for the first time. */
async function loadInside(event) {
  const details = event.target;
  if (!details.open || !details.dataset.load || details.dataset.loaded) return;
  details.dataset.loaded = "1";
  const html = await fragment(details.dataset.load);
  if (html === null) delete details.dataset.loaded;
  else details.querySelector("[data-here]").innerHTML = html;
}

async function openTransfer(event) {
  const form = event.target.closest("form[data-transfer]");
  if (!form) return;
  event.preventDefault();
  const html = await fragment(form.action);
  if (html === null) return location.assign(form.action);
  dialog.querySelector("[data-here]").innerHTML = html;
  dialog.showModal();
}

async function passOn(event, news) {
  if (event.target.id !== "transfer-form") return;
  event.preventDefault();
  const response = await post(event.target);
  if (response?.type === "opaqueredirect") return location.reload();
  if (response?.ok) dialog.close();
  const error = document.getElementById("transfer-error"); // the words stay in the form
  error.textContent = response?.ok ? "" : response?.status === 422 ? await response.text() : dialog.dataset.failed;
  await news();
}

/** Opens the form with which the conversation is passed on. */
export function transfer() {
  const form = document.querySelector("form[data-transfer]");
  form?.requestSubmit();
  return Boolean(form);
}

export function startBeside(news) {
  if (badge) {
    const open = id ? `?open=${id}` : "";
    const count = debounced(async () => replaceInside(badge, await fragment(badge.dataset.url + open)));
    document.addEventListener("kulanz:beside", ({ detail }) => {
      if (detail.users.includes(Number(badge.dataset.user))) count();
    });
  }
  if (!id) return;
  document.addEventListener("kulanz:beside", ({ detail }) => {
    if (detail.conversation !== id) return;
    news();
    showHeld();
  });
  document.addEventListener("toggle", loadInside, true);
  document.getElementById("head").addEventListener("submit", openTransfer);
  dialog.addEventListener("submit", (event) => passOn(event, news));
}
