// Pointing at a line of the reading, or reaching it with the keyboard, lights up the words it rests on.

const panel = document.getElementById("panel");
const messages = document.getElementById("messages");

function light(line) {
  for (const mark of messages.querySelectorAll("mark.lit")) mark.classList.remove("lit");
  if (!line) return;
  for (const id of line.dataset.messages.split(" ")) {
    for (const mark of document.querySelectorAll(`#m-${CSS.escape(id)} mark`)) {
      mark.classList.toggle("lit", mark.dataset.keys.split(" ").includes(line.dataset.lights));
    }
  }
}

export function startEvidence() {
  if (!panel || !messages) return;
  const focused = () => document.activeElement?.closest?.("[data-lights]");
  panel.addEventListener("pointerover", (event) => light(event.target.closest("[data-lights]") || focused()));
  panel.addEventListener("pointerleave", () => light(focused()));
  panel.addEventListener("focusin", (event) => light(event.target.closest("[data-lights]")));
  panel.addEventListener("focusout", () => light(null));
}
