// While questions are being sorted, the page asks whether it is done, and shows the result once. Without this script
// the link beside it does the same.

const EVERY = 1500; // milliseconds
const MOST = 20; // times: after that nobody sorts just now

const waiting = document.querySelector("[data-waiting]");

async function ask(left) {
  if (!left) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok && !(await answer.text()).includes("data-waiting")) {
      location.reload();
      return;
    }
  } catch {
    // offline for a moment: the next try finds out
  }
  setTimeout(ask, EVERY, left - 1);
}

if (waiting) setTimeout(ask, EVERY, MOST);
