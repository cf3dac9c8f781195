/* Why the assistant wrote this: a part of the Kulanz chat widget, loaded when somebody asks. Licence: Apache-2.0. */

const TEXTS = {
	de: { understood: "Verstanden", from: "aus", reasons: "Gründe", rules: "Regeln", policy: "Regelwerk" },
	en: { understood: "Understood", from: "from", reasons: "Reasons", rules: "Rules", policy: "Policy" },
};

const STYLE = `.why{align-self:stretch;border-inline-start:3px solid var(--link);border-radius:4px 10px 10px 4px}
.why section{margin-bottom:8px}
h3,.why span,blockquote{font-size:1em;color:var(--muted)}
h3{font-size:.92em}
q{quotes:none;background:var(--tint);border-radius:4px;padding:0 3px}
blockquote{border-inline-start:2px solid var(--line);padding-inline-start:8px}`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

/** What the server tells about a message, as an element. */
export function details({ understood = [], reasons = [], sources = [], rules = [], policy_version, decided_at }, { lang, sources: read }, { h, link, clock }, root) {
	if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
	const t = TEXTS[lang];
	const words = (list) => list?.length > 0 && [h("span", ` ${t.from} `), list.map((word) => [h("q", word), " "])];
	const section = (title, items) =>
		items.length > 0 && h("section", h("h3", title), h("ul", items.map((item) => h("li", item))));
	return h("div",
		section(t.understood, understood.map((item) => [h("span", `${item.label}: `), h("b", `${item.value}`), words(item.words)])),
		section(t.reasons, reasons),
		section(read, sources.map(({ url, title, quote }) => [link(url, title), quote && h("blockquote", quote)])),
		section(t.rules, rules),
		h("small", `${t.policy} ${policy_version} · ${clock(decided_at, lang)}`));
}
