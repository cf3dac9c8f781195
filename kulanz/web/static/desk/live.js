// Live streams that rest while nobody looks: a browser allows six connections to one host, and agents keep many tabs.

const light = document.getElementById("live");

function show(on) {
  if (!light) return;
  light.hidden = false;
  light.classList.toggle("on", on);
  const text = on ? light.dataset.on : light.dataset.off;
  if (light.textContent !== text) light.textContent = text;
}

/** Calls handlers[kind](payload) for each event of the topic, and resume() after every (re)connection. */
export function follow(topic, handlers, resume) {
  let source = null;
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(`/live/desk?topic=${encodeURIComponent(topic)}`);
    source.addEventListener("open", () => {
      show(true);
      resume();
    });
    source.addEventListener("error", () => {
      show(false);
      if (source && source.readyState === EventSource.CLOSED) {
        source = null; // refused: the browser does not try again by itself
        setTimeout(open, 5000);
      }
    });
    for (const [kind, handle] of Object.entries(handlers)) {
      source.addEventListener(kind, (event) => handle(JSON.parse(event.data)));
    }
  };
  const close = () => {
    if (source) source.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

/** At most one call at a time, and one more at the end for all that were asked for meanwhile. */
export function debounced(work, wait = 150) {
  let timer = null;
  let running = false;
  let again = false;
  const run = async () => {
    timer = null;
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      await work();
    } finally {
      running = false;
      if (again) {
        again = false;
        start();
      }
    }
  };
  const start = () => {
    if (timer === null) timer = setTimeout(run, wait);
  };
  return start;
}

/** A fragment's HTML, or null if it could not be had; whoever is signed out is led to the sign-in. */
export async function fragment(url) {
  try {
    const response = await fetch(url, { headers: { "X-Requested-With": "fetch" }, redirect: "manual" });
    if (response.type === "opaqueredirect") location.reload();
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

/** Replaces what is inside, but keeps open details open, what was chosen in lists, and the focus where it was. */
export function replaceInside(element, html) {
  if (html === null || element.innerHTML === html) return;
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const open = [...element.querySelectorAll("details[open][id]")].map((d) => d.id);
  const chosen = [...element.querySelectorAll("select[id]")].filter((s) => !s.selectedOptions[0]?.defaultSelected);
  const values = chosen.map((select) => [select.id, select.value]);
  const name = focused && (focused.id || focused.closest("[data-act]")?.dataset.act || focused.dataset.list);
  element.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, value] of values) if (document.getElementById(id)) document.getElementById(id).value = value;
  if (!name) return;
  const same = document.getElementById(name)
    || element.querySelector(`[data-act="${CSS.escape(name)}"] button, a[data-list="${CSS.escape(name)}"]`);
  same?.focus({ preventScroll: true });
}
