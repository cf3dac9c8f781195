// Tells the desk once a minute that somebody is here, and shows what routing has given them.

const EVERY = 60_000;
const given = document.getElementById("given");
const token = document.querySelector(".bar input[name=csrfmiddlewaretoken]")?.value;

async function call() {
  try {
    const response = await fetch("/desk/presence/here/", {
      method: "POST",
      headers: { "X-CSRFToken": token, "X-Requested-With": "fetch" },
      redirect: "manual",
    });
    if (!response.ok || !given) return;
    const answer = await response.json();
    given.hidden = !answer.given;
    if (answer.given && given.textContent !== answer.given.text) {
      given.textContent = answer.given.text;
      given.href = answer.given.url;
    }
  } catch {
    // the next call may reach it
  }
}

export function startPresence() {
  if (!token) return;
  call();
  setInterval(call, EVERY);
  addEventListener("kulanz:assigned", call);
}

const details = document.getElementById("presence");
details?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !details.open) return;
  details.open = false;
  details.querySelector("summary").focus();
});
