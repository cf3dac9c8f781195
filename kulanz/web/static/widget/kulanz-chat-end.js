/* The end of a conversation: a part of the Kulanz chat widget, loaded when one is closed. Licence: Apache-2.0. */

const TEXTS = {
	de: {
		solved: "Ist Ihr Anliegen gelöst?", solvedYes: "Das freut uns!",
		solvedNo: "Das tut uns leid. Schreiben Sie einfach weiter oder sprechen Sie mit einem Menschen.",
		restart: "Neue Unterhaltung beginnen",
	},
	en: {
		solved: "Was it solved?", solvedYes: "We are glad!",
		solvedNo: "We are sorry. Just keep writing, or speak to a person.",
		restart: "Start a new conversation",
	},
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(".card{display:grid;gap:9px;place-items:center;text-align:center}");

/** Asks on this card whether it was solved, or takes note of the answer; gives the card back. */
export function fill(card, status, chat, { h, button, refusable }) {
	const { session, t: words } = chat;
	if (!session.root.adoptedStyleSheets.includes(sheet)) session.root.adoptedStyleSheets.push(sheet);
	const t = TEXTS[words.lang];
	const solved = status.resolution?.state === "confirmed" || session.solved;
	const failed = () => chat.showNotice(words.failed);
	const answer = (text, solved) => button(".pill", () => refusable(() => session.feedback({ solved }), failed), null, text);
	const question = solved === undefined; // `false`: the customer said no
	card.append(h("p", question ? t.solved : solved ? t.solvedYes : t.solvedNo),
		...(question ? [h("div", answer(words.yes, true), " ", answer(words.no, false))] : []),
		button(".pill", () => (session.leave(session.state.id), chat.field.focus()), null, t.restart));
	return card;
}
