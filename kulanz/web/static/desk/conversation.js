// The open conversation: live messages, the reply with its draft, the buttons.

import { debounced, follow, fragment, replaceInside } from "./live.js";

const id = document.body.dataset.conversation;
const messages = document.getElementById("messages");
const scroller = document.getElementById("scroll");
const head = document.getElementById("head");
const panel = document.getElementById("panel");
const form = document.getElementById("reply");
const typing = document.getElementById("typing");
const growing = document.getElementById("growing");
const RECENT = 8; // messages fetched again, because what was understood from them is stored after they are shown

export const DRAFT = "kulanz-draft-";
const box = form?.querySelector("textarea");
const files = form?.elements.files;
const draftKey = DRAFT + id;

function scrolls() {
  return getComputedStyle(scroller).overflowY === "auto" ? scroller : document.scrollingElement;
}

function atEnd() {
  const place = scrolls();
  return place.scrollHeight - place.scrollTop - place.clientHeight < 120;
}

function toEnd() {
  if (scrolls() === scroller) scroller.scrollTop = scroller.scrollHeight;
  else messages.lastElementChild?.scrollIntoView({ block: "end" });
}

/** A message's HTML as the server wrote it, without the light that evidence.js adds. */
function unlit(item) {
  const copy = item.cloneNode(true);
  for (const mark of copy.querySelectorAll("mark")) mark.classList.remove("lit");
  return copy.innerHTML;
}

async function refreshMessages() {
  const shown = [...messages.children];
  const after = shown.length > RECENT ? shown[shown.length - RECENT - 1].dataset.id : "";
  const html = await fragment(`${messages.dataset.url}?after=${after}`);
  if (html === null) return;
  const follows = atEnd();
  const fresh = new DOMParser().parseFromString(`<ol>${html}</ol>`, "text/html").querySelectorAll("li.message");
  let added = false;
  for (const item of fresh) {
    const known = document.getElementById(item.id);
    if (!known) {
      messages.append(document.importNode(item, true));
      added = true;
    } else if (known.querySelector("details")?.open !== true && unlit(known) !== item.innerHTML) {
      known.innerHTML = item.innerHTML;
    }
  }
  if (added) showDraft({});
  if (added) typing.textContent = "";
  if (added && follows) toEnd();
}

async function refreshAround() {
  const [top, side] = await Promise.all([fragment(head.dataset.url), fragment(panel.dataset.url)]);
  replaceInside(head, top);
  replaceInside(panel, side);
  const foreign = head.querySelector("[data-foreign]") !== null;
  box.disabled = files.disabled = foreign;
  form.querySelector("button").disabled = foreign;
}

let typingTimer = null;
function showTyping(event) {
  const text = typing.dataset[event.author];
  clearTimeout(typingTimer);
  typing.textContent = text && event.on !== false ? text : "";
  typingTimer = setTimeout(() => (typing.textContent = ""), 5000);
}

let growingTimer = null;
/** The assistant's answer as far as it goes; the stored message takes its place. */
function showDraft({ text = "" }) {
  const follows = atEnd();
  clearTimeout(growingTimer);
  growing.hidden = !text;
  growing.querySelector(".text").textContent = text;
  if (text) growingTimer = setTimeout(() => showDraft({}), 15_000);
  if (text && follows) growing.scrollIntoView({ block: "end" });
}

// ---- the reply -------------------------------------------------------------------------------------------------

function keepDraft() {
  if (box.value) localStorage.setItem(draftKey, box.value);
  else localStorage.removeItem(draftKey);
}

function showLength() {
  const limit = Number(box.dataset.limit);
  const length = box.value.length;
  document.getElementById("length").textContent = length > limit * 0.8 ? `${length} / ${limit}` : "";
}

let lastTyping = 0;
function tellTyping() {
  if (Date.now() - lastTyping < 3000) return;
  lastTyping = Date.now();
  const token = new FormData(); // without the files, which are sent once
  token.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  post(form.dataset.typing, token).catch(() => {});
}

function post(url, data) {
  return fetch(url, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" }, redirect: "manual" });
}

async function send(event) {
  event.preventDefault();
  if ((!box.value.trim() && !files.files.length) || form.dataset.sending) return;
  form.dataset.sending = "1";
  const sent = box.value;
  const error = document.getElementById("reply-error");
  if (files.files.length) document.getElementById("length").textContent = form.dataset.busy;
  try {
    const response = await post(form.action, new FormData(form));
    if (response.type === "opaqueredirect") return location.reload(); // signed out; the draft is kept
    if (!response.ok) {
      error.textContent = response.status === 422 ? await response.text() : form.dataset.failed;
      return;
    }
    error.textContent = "";
    form.elements.client_message_id.value = crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`;
    box.value = box.value === sent ? "" : box.value;
    files.value = "";
    keepDraft();
    await refreshMessages();
    toEnd();
  } catch {
    error.textContent = form.dataset.failed; // the key stays: sending again can't send it twice
  } finally {
    delete form.dataset.sending;
    showLength();
  }
}

async function act(event) {
  const target = event.target.closest("form[data-act]");
  if (!target) return;
  event.preventDefault();
  const response = await post(target.action, new FormData(target)).catch(() => null);
  if (response?.type === "opaqueredirect") location.reload();
  const error = document.getElementById("reply-error");
  error.textContent = response?.status === 422 ? await response.text() : response?.ok ? "" : head.dataset.failed;
  await Promise.all([refreshMessages(), refreshAround()]);
  if (target.dataset.act === "accept") box.focus();
}

function startReply() {
  if (!box.value) box.value = localStorage.getItem(draftKey) || "";
  showLength();
  box.addEventListener("input", () => {
    keepDraft();
    showLength();
    tellTyping();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  box.addEventListener("paste", (event) => {
    // A picture that was copied goes along as a file; text that brings its picture stays text.
    if (!event.clipboardData.files.length || event.clipboardData.getData("text")) return;
    event.preventDefault();
    const chosen = new DataTransfer();
    for (const file of [...files.files, ...event.clipboardData.files]) chosen.items.add(file);
    files.files = chosen.files;
  });
  form.addEventListener("submit", send);
  head.addEventListener("submit", act);
}

export function startConversation() {
  if (!messages) return;
  startReply();
  const news = debounced(refreshMessages, 30);
  const around = debounced(refreshAround, 400);
  const both = () => {
    news();
    around();
  };
  follow(`conversation:${id}`, { message: both, conversation: both, typing: showTyping, draft: showDraft }, both);
  if (!location.hash) toEnd();
}

export const focusReply = () => box && (box.focus(), true);
export const acceptIt = () => {
  const accept = head?.querySelector('[data-act="accept"]');
  accept?.requestSubmit();
  return Boolean(accept);
};
