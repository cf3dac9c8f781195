// Everything works without this script; with it the preview follows the keyboard, drafts keep themselves, and files
// can be added without leaving the text.

const PREVIEW_AFTER = 300; // milliseconds without a key
const SAVE_AFTER = 1500;
const form = document.getElementById("edit");

function start() {
  const { title, body, edition, file } = form.elements;
  const status = document.getElementById("saved");
  const preview = document.getElementById("preview");
  const files = document.getElementById("files");
  let previewTimer = 0;
  let saveTimer = 0;
  let saving = null;
  let dirty = false;
  let stopped = "stopped" in form.dataset;

  const words = (more = {}) => {
    const data = new FormData();
    for (const name of ["csrfmiddlewaretoken", "title", "body", "edition"]) data.set(name, form.elements[name].value);
    for (const [name, value] of Object.entries(more)) data.set(name, value);
    return data;
  };

  async function show() {
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: words() });
      if (answer.ok) preview.innerHTML = await answer.text();
    } catch {
      // offline: the next key tries again
    }
  }

  async function send(keepalive = false) {
    dirty = false;
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: words(), keepalive });
      const said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : null;
      if (said?.edition) edition.value = said.edition;
      else dirty = true;
      if (said?.stopped) stopped = true; // saving shows both wordings and lets one decide
      if (said) status.textContent = said.said;
      status.classList.toggle("late", !said?.edition);
    } catch {
      dirty = true;
      saveTimer = setTimeout(save, 5 * SAVE_AFTER);
    }
  }

  async function save() {
    clearTimeout(saveTimer);
    await saving; // one after the other: each brings the number that the next one names
    if (!dirty || stopped) return;
    saving = send();
    await saving;
    saving = null;
  }

  function changed() {
    dirty = true;
    clearTimeout(previewTimer);
    clearTimeout(saveTimer);
    previewTimer = setTimeout(show, PREVIEW_AFTER);
    if (!stopped) saveTimer = setTimeout(save, SAVE_AFTER);
  }

  function insert(line) {
    const apart = body.selectionStart > 0 && body.value[body.selectionStart - 1] !== "\n" ? "\n\n" : "";
    body.setRangeText(`${apart}${line}\n`, body.selectionStart, body.selectionEnd, "end");
    body.focus();
    changed();
  }

  async function attach() {
    if (!file.files.length) return;
    const before = new Set([...files.querySelectorAll("[data-insert]")].map((button) => button.dataset.insert));
    const answer = await fetch(form.dataset.attach, { method: "POST", body: words({ file: file.files[0] }) });
    if (!answer.ok) return;
    files.innerHTML = await answer.text();
    file.value = "";
    offer();
    const fresh = [...files.querySelectorAll("[data-insert]")].find((button) => !before.has(button.dataset.insert));
    if (fresh) insert(fresh.dataset.insert);
  }

  function offer() {
    for (const button of files.querySelectorAll("[data-insert]")) button.hidden = false;
  }

  form.addEventListener("input", (event) => [title, body].includes(event.target) && changed());
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (button) insert(button.dataset.insert);
  });
  form.addEventListener("submit", async (event) => {
    clearTimeout(saveTimer);
    if (event.submitter?.value === "attach") {
      event.preventDefault();
      await attach();
    } else if (saving) {
      event.preventDefault(); // what is on its way has to arrive first, or this would look like a second editor
      await saving;
      form.requestSubmit(event.submitter);
    } else {
      stopped = true;
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && dirty && !stopped && !saving) send(true);
  });
  addEventListener("pagehide", () => dirty && !stopped && !saving && send(true));
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      save();
    }
  });
  offer();
}

if (form) start();
