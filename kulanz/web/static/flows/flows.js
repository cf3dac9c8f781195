// Everything works without this script; with it the check follows the keyboard, and lines have numbers one can jump to.

const CHECK_AFTER = 500; // milliseconds without a key
const form = document.getElementById("flow-text");

function start() {
  const { text } = form.elements;
  const checked = document.getElementById("checked");
  const numbers = form.querySelector(".numbers");
  let timer = 0;
  let running = null;

  function count() {
    const lines = text.value.split("\n").length;
    numbers.textContent = Array.from({ length: lines }, (_, line) => line + 1).join("\n");
    numbers.scrollTop = text.scrollTop;
  }

  async function check() {
    running?.abort(); // only the newest text counts
    running = new AbortController();
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form), signal: running.signal });
      if (answer.ok) checked.innerHTML = await answer.text();
    } catch {
      // offline, or overtaken: the next key tries again
    }
  }

  function jump(line) {
    const before = text.value.split("\n").slice(0, line - 1).join("\n");
    const begin = line > 1 ? before.length + 1 : 0;
    const end = text.value.indexOf("\n", begin);
    text.focus();
    text.setSelectionRange(begin, end < 0 ? text.value.length : end);
    const height = parseFloat(getComputedStyle(text).lineHeight);
    text.scrollIntoView({ block: "nearest" });
    text.scrollTop = Math.max(0, (line - 6) * height);
  }

  text.addEventListener("input", () => {
    count();
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_AFTER);
  });
  text.addEventListener("scroll", () => {
    numbers.scrollTop = text.scrollTop;
  });
  checked.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    if (!link) return;
    event.preventDefault();
    jump(Number(link.dataset.line));
  });
  numbers.hidden = false;
  count();
}

if (form) start();
