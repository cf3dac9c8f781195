// Live streams that rest while nobody looks: a browser allows six connections to one host, and agents keep many tabs.

const light = document.getElementById("live");

function show(on) {
  if (!light) return;
  light.hidden = false;
  light.classList.toggle("on", on);
  const text = on ? light.dataset.on : light.dataset.off;
  if (light.textContent !== text) light.textContent = text;
}

const followed = new Map(); // topic → adds a follower: one connection serves all of a page

/** Calls handlers[kind](payload) for each event of the topic, and resume() after every (re)connection. */
export function follow(topic, handlers, resume) {
  if (followed.has(topic)) return followed.get(topic)({ handlers, resume });
  const followers = [];
  let source = null;
  const listen = (follower) => {
    for (const [kind, handle] of Object.entries(follower.handlers)) {
      source.addEventListener(kind, (event) => handle(JSON.parse(event.data)));
    }
  };
  const add = (follower) => {
    followers.push(follower);
    if (source) listen(follower);
  };
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(`/live/desk?topic=${encodeURIComponent(topic)}`);
    source.addEventListener("open", () => {
      show(true);
      for (const follower of followers) follower.resume();
    });
    source.addEventListener("error", () => {
      show(false);
      if (source && source.readyState === EventSource.CLOSED) {
        source = null; // refused: the browser does not try again by itself
        setTimeout(open, 5000);
      }
    });
    followers.forEach(listen);
  };
  const close = () => {
    if (source) source.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  followed.set(topic, add);
  add({ handlers, resume });
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

const served = new WeakMap(); // element → what it was last given

/** HTML as the browser writes it: what the server sent and what became of it in the page can be compared. */
function asWritten(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.innerHTML;
}

/** A selector that finds what has the focus again in newer HTML. */
function address(focused) {
  const tag = focused.localName;
  const under = (name) => {
    const value = focused.closest(`[data-${name}]`)?.dataset[name];
    return value && `[data-${name}="${CSS.escape(value)}"] ${tag}`;
  };
  const link = focused.getAttribute("href");
  if (focused.id) return `#${CSS.escape(focused.id)}`;
  if (focused.dataset.list) return `${tag}[data-list="${CSS.escape(focused.dataset.list)}"]`;
  return under("act") || under("lights") || (link ? `${tag}[href="${CSS.escape(link)}"]` : tag);
}

/** Replaces what is inside where it has changed; keeps open details open, what was chosen or typed, and the focus. */
export function replaceInside(element, html) {
  if (html === null) return;
  const fresh = asWritten(html);
  if ((served.get(element) ?? element.innerHTML) === fresh) return;
  served.set(element, fresh);
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && address(focused);
  const index = place ? [...element.querySelectorAll(place)].indexOf(focused) : -1;
  const open = [...element.querySelectorAll("details[open][id]")].map((d) => d.id);
  const chosen = [...element.querySelectorAll("select[id]")].filter((s) => !s.selectedOptions[0]?.defaultSelected);
  const typed = [...element.querySelectorAll("input[id]")].filter((input) => input.value !== input.defaultValue);
  const values = [...chosen, ...typed].map((field) => [field.id, field.value]);
  element.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, value] of values) if (document.getElementById(id)) document.getElementById(id).value = value;
  if (index >= 0) element.querySelectorAll(place)[index]?.focus({ preventScroll: true });
}
