// The open conversation: live messages, the reply with its draft, the buttons.

import { refreshHeld, showHeld, startBeside, startHeld, undo } from "./beside.js";
import { debounced, follow, fragment, replaceInside } from "./live.js";
import { selectGap, showMacro, startPicker } from "./picker.js";

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
const kind = () => form.elements.kind.value;
const draftKey = () => DRAFT + id + (kind() === "note" ? "-note" : "");

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
  let before = null;
  for (const item of fresh) {
    let known = document.getElementById(item.id);
    if (!known) {
      known = document.importNode(item, true);
      if (before) before.after(known);
      else messages.append(known);
      added = true;
    } else if (known.querySelector("details")?.open !== true && unlit(known) !== item.innerHTML) {
      known.innerHTML = item.innerHTML;
    }
    before = known;
  }
  if (added) showDraft({});
  if (added) typing.textContent = "";
  if (added && follows) toEnd();
}

async function refreshAround() {
  const [top, side] = await Promise.all([fragment(head.dataset.url), fragment(panel.dataset.url)]);
  replaceInside(head, top);
  replaceInside(panel, side);
  showRights();
}

/** Whoever does not hold the conversation can write notes; what they had begun for the customer stays in the box. */
function showRights() {
  form.querySelector("button.primary").disabled = kind() === "reply" && head.querySelector("[data-foreign]") !== null;
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
  if (box.value) localStorage.setItem(draftKey(), box.value);
  else localStorage.removeItem(draftKey());
}

/** Reply or note: each has its own draft. */
function showKind() {
  form.dataset.kind = kind();
  for (const node of form.querySelectorAll("label[data-note], button[data-note]")) node.textContent = node.dataset[kind()];
  box.placeholder = box.dataset[kind()];
  box.value = localStorage.getItem(draftKey()) || "";
  showMacro(null);
  showRights();
  showLength();
}

function changeKind() {
  document.getElementById("reply-error").textContent = "";
  showKind();
}

function write(which) {
  if (!form) return false;
  if (kind() !== which) {
    form.elements.kind.value = which;
    changeKind();
  }
  box.focus();
  return true;
}

/** What was taken back is in the box again, before whatever has been begun since. */
function giveBack({ text = "", files: again = [], macro = null, error }) {
  if (error !== undefined) return (document.getElementById("reply-error").textContent = error);
  write("reply");
  box.value = [text, box.value].filter(Boolean).join("\n\n");
  const chosen = new DataTransfer();
  for (const file of [...again, ...files.files]) chosen.items.add(file);
  files.files = chosen.files;
  if (macro) showMacro(macro);
  keepDraft();
  showLength();
}

function showLength() {
  const limit = Number(box.dataset.limit);
  const length = box.value.length;
  document.getElementById("length").textContent = length > limit * 0.8 ? `${length} / ${limit}` : "";
}

let lastTyping = 0;
function tellTyping() {
  if (kind() === "note") return; // the customer knows nothing of it
  if (Date.now() - lastTyping < 3000) return;
  lastTyping = Date.now();
  const token = new FormData(); // without the files, which are sent once
  token.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  post(form.dataset.typing, token).catch(() => {});
}

function post(url, data) {
  return fetch(url, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" }, redirect: "manual" });
}

/** A reply can be taken back for a moment; a note goes without the files that were chosen for the reply. */
function content() {
  const data = new FormData(form);
  if (kind() === "reply") data.set("hold", "1");
  else data.delete("files");
  return data;
}

async function send(event) {
  event.preventDefault();
  const note = kind() === "note";
  if ((!box.value.trim() && (note || !files.files.length)) || form.dataset.sending) return;
  if (kind() === "reply" && head.querySelector("[data-foreign]")) return;
  form.dataset.sending = "1";
  const sent = box.value;
  const error = document.getElementById("reply-error");
  if (files.files.length) document.getElementById("length").textContent = form.dataset.busy;
  try {
    const response = await post(form.action, content());
    if (response.type === "opaqueredirect") return location.reload(); // signed out; the draft is kept
    if (!response.ok) {
      error.textContent = response.status === 422 ? await response.text() : form.dataset.failed;
      selectGap();
      return;
    }
    if (!note) showHeld(await response.text());
    error.textContent = "";
    form.elements.client_message_id.value = crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`;
    box.value = box.value === sent ? "" : box.value;
    if (!note) files.value = "";
    showMacro(null);
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
  const refused = box.value;
  showKind();
  if (refused) box.value = refused; // came back from the server with the reason
  showLength();
  startPicker();
  startHeld(giveBack, refreshMessages);
  for (const choice of form.elements.kind) choice.addEventListener("change", () => (changeKind(), box.focus()));
  box.addEventListener("input", () => {
    keepDraft();
    showLength();
    tellTyping();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "." && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      write(kind() === "note" ? "reply" : "note");
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey) && !box.value && undo()) {
      event.preventDefault();
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
  addEventListener("pageshow", () => form.dataset.kind !== kind() && showKind()); // the browser has restored the form
  head.addEventListener("submit", act);
}

export function startConversation() {
  if (!messages) return startBeside(null);
  startReply();
  const news = debounced(() => Promise.all([refreshMessages(), refreshHeld()]), 30);
  const around = debounced(refreshAround, 400);
  const both = () => {
    news();
    around();
  };
  startBeside(news);
  follow(`conversation:${id}`, { message: both, conversation: both, typing: showTyping, draft: showDraft }, both);
  if (!location.hash) toEnd();
}

export const focusReply = () => write("reply");
export const focusNote = () => write("note");
export const acceptIt = () => {
  const accept = head?.querySelector('[data-act="accept"]');
  accept?.requestSubmit();
  return Boolean(accept);
};
