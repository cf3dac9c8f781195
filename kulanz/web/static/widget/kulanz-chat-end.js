/* The end of a conversation: a part of the Kulanz chat widget, loaded when one is closed. Licence: Apache-2.0. */

const TEXTS = {
	de: {
		solved: "Ist Ihr Anliegen gelöst?", solvedYes: "Das freut uns!",
		solvedNo: "Das tut uns leid. Schreiben Sie einfach weiter oder sprechen Sie mit einem Menschen.",
		rate: "Wie war unser Service?", good: "Gut", bad: "Nicht gut", rated: "Danke für Ihre Bewertung.",
		words: "Möchten Sie etwas dazu sagen? (freiwillig)", send: "Absenden", restart: "Neue Unterhaltung beginnen",
	},
	en: {
		solved: "Was it solved?", solvedYes: "We are glad!",
		solvedNo: "We are sorry. Just keep writing, or speak to a person.",
		rate: "How was our service?", good: "Good", bad: "Not good", rated: "Thank you for your rating.",
		words: "Anything you would like to add? (optional)", send: "Send", restart: "Start a new conversation",
	},
};
const MAX_COMMENT = 2000; // characters

const sheet = new CSSStyleSheet();
sheet.replaceSync(`.card{display:grid;gap:9px;place-items:center;text-align:center;outline:0}
.card form{display:grid;gap:6px;width:100%;padding:0;border:0;text-align:start}
.card textarea{height:auto}
.card .send{width:auto;height:auto;justify-self:center;padding:6px 16px;border-radius:17px}
.card [aria-pressed=true]{border:2px solid var(--link);font-weight:600}`);

/** Asks on this card whether it was solved and how it was, or takes note of the answers; gives the card back. */
export function fill(card, status, chat, kit) {
	const { session, t: words } = chat;
	const { h, button, refusable } = kit;
	if (!session.root.adoptedStyleSheets.includes(sheet)) session.root.adoptedStyleSheets.push(sheet);
	const t = TEXTS[words.lang];
	/** Sends an answer; the card is then made anew of what the server knows. True: it was refused. */
	const give = (answer) => {
		session.pressed = true;
		return refusable(() => session.feedback(answer), ({ message }) => (chat.showNotice(message || words.failed), true));
	};
	const pill = (text, answer, attributes) => button(".pill", () => give(answer), attributes, text);
	const solved = status.resolution?.state === "confirmed" || session.solved;
	const question = solved === undefined; // `false`: the customer said no
	card.append(h("p", question ? t.solved : solved ? t.solvedYes : t.solvedNo),
		...(question ? [h("div", pill(words.yes, { solved: true }), " ", pill(words.no, { solved: false }))] : []),
		...rating(status.resolution?.rated ?? null, session, give, pill, t, words, kit),
		button(".pill", () => (session.leave(session.state.id), chat.field.focus()), null, t.restart));
	card.tabIndex = -1;
	if (session.pressed) card.focus(); // what was pressed is gone
	session.pressed = false;
	return card;
}

/** One click is a rating; words are asked for after it. */
function rating(rated, session, give, pill, t, words, { h }) {
	const face = (sign, text, helpful) =>
		pill([h("span", { "aria-hidden": true }, sign), text], { helpful }, { "aria-pressed": rated === helpful });
	const faces = h("div", { role: "group", "aria-label": t.rate }, face("🙂", t.good, true), " ", face("🙁", t.bad, false));
	if (rated === null) return [h("p", t.rate), faces];
	const thanks = h("p", session.worded === session.state.id ? words.thanks : t.rated);
	if (session.worded === session.state.id) return [thanks, faces];
	const field = h("textarea", { rows: 2, maxlength: MAX_COMMENT, id: "words" });
	const onsubmit = (event) => {
		event.preventDefault();
		const comment = field.value.trim();
		if (!comment) return field.focus();
		session.worded = session.state.id;
		give({ comment }).then((refused) => refused && (session.worded = null));
	};
	return [thanks, faces, h("form", { onsubmit }, h("label", { for: "words" }, t.words), field, h("button.send", t.send))];
}
