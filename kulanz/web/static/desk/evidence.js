// Pointing at a line of the reading, or reaching it with the keyboard, lights up the words it rests on.

const panel = document.getElementById("panel");
const messages = document.getElementById("messages");
let lit = null; // the line whose words are lit

function show() {
  const where = lit?.dataset.messages.split(" ") ?? [];
  for (const mark of messages.querySelectorAll("mark")) {
    const here = where.includes(mark.closest("li").dataset.id);
    mark.classList.toggle("lit", here && mark.dataset.keys.split(" ").includes(lit.dataset.lights));
  }
}

function light(line) {
  lit = line ?? null;
  show();
}

export function startEvidence() {
  if (!panel || !messages) return;
  const focused = () => document.activeElement?.closest?.("[data-lights]");
  panel.addEventListener("pointerover", (event) => light(event.target.closest("[data-lights]") || focused()));
  panel.addEventListener("pointerleave", () => light(focused()));
  panel.addEventListener("focusin", (event) => light(event.target.closest("[data-lights]")));
  panel.addEventListener("focusout", () => light(null));
  // live news write messages anew
  new MutationObserver(show).observe(messages, { childList: true, subtree: true });
}
