/* The Kulanz chat widget: one web component without dependencies. Licence: Apache-2.0. Manual: docs/widget.md */
(() => {
"use strict";
if (customElements.get("kulanz-chat")) return;

const SCRIPT = document.currentScript;
const ORIGIN = new URL(SCRIPT?.src || location.href).origin;
const MAX_TEXT = 8000; // characters
const SILENCE = 40_000; // ms; the server gives a sign of life every 15 s
const HIDDEN = 30_000; // ms; then a hidden tab frees its connection (browsers allow six)
const NARROW = "(max-width: 479.98px)";
const LAST = Infinity; // the `seq` of what stays at the end

const TEXTS = {
	de: {
		lang: "de", title: "Kundenservice", open: "Chat öffnen", close: "Chat schließen", log: "Nachrichten",
		unread: "neu", data: "Was Sie schreiben, speichern wir, um Ihr Anliegen zu bearbeiten.",
		intro: "Guten Tag! Hier antwortet zuerst ein KI-Assistent. Einen Menschen erreichen Sie jederzeit mit einem Klick.",
		myData: "Meine Daten", you: "Sie", assistant: "KI-Assistent", agent: "ein Mensch", system: "Hinweis",
		person: "Mit einem Menschen sprechen", calling: "Wir geben Ihren Wunsch nach einem Menschen weiter …",
		waiting: "Ein Mensch aus unserem Team übernimmt.",
		who: {
			assistant: "Es antwortet der KI-Assistent", waiting: "Wartet auf einen Menschen", agent: "Es antwortet",
			resolved: "Abgeschlossen",
		},
		placeholder: "Ihre Nachricht …", send: "Senden", sending: "wird gesendet …",
		tooLong: "Bitte höchstens 8.000 Zeichen. Teilen Sie den Text auf.",
		offline: "Keine Verbindung. Wir senden Ihre Nachrichten, sobald sie wieder steht.",
		gone: "Die frühere Unterhaltung ist nicht mehr verfügbar. Es geht in einer neuen weiter.",
		types: "schreibt …", choices: "Antwortvorschläge", sources: "Quellen", receipt: "Beleg",
		receipts: { done: "Erledigt", unknown: "Wird geprüft", refused: "Nicht ausgeführt" },
		why: "Warum diese Antwort?", helped: "Hat das geholfen?", yes: "Ja", no: "Nein",
		attach: "Datei anfügen",
		thanks: "Vielen Dank!", failed: "Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.",
	},
	en: {
		lang: "en", title: "Customer service", open: "Open chat", close: "Close chat", log: "Messages",
		unread: "new", data: "We store what you write in order to handle your request.",
		intro: "Hello! An AI assistant answers here first. You can reach a person at any time with one click.",
		myData: "My data", you: "You", assistant: "AI assistant", agent: "a person", system: "Notice",
		person: "Speak to a person", calling: "Passing on that you want to speak to a person …",
		waiting: "A person from our team will take over.",
		who: {
			assistant: "The AI assistant answers", waiting: "Waiting for a person", agent: "You are talking to",
			resolved: "Closed",
		},
		placeholder: "Your message …", send: "Send", sending: "sending …",
		tooLong: "Please keep to 8,000 characters. Split the text.",
		offline: "No connection. We will send your messages as soon as it is back.",
		gone: "The earlier conversation is no longer available. We continue in a new one.",
		types: "is typing …", choices: "Suggested replies", sources: "Sources", receipt: "Receipt",
		receipts: { done: "Done", unknown: "Being checked", refused: "Not carried out" },
		why: "Why this answer?", helped: "Did this help?", yes: "Yes", no: "No",
		attach: "Add a file",
		thanks: "Thank you!", failed: "That did not work. Please try again.",
	},
};

const STYLE = `
:host{all:initial;position:fixed;z-index:2147483000;right:20px;bottom:20px;color-scheme:light dark;
font-family:system-ui,"Segoe UI",Roboto,Arial,sans-serif;--ink:#17211f;--muted:#55625f;--ground:#fff;
--bubble:#eef2f1;--line:#d5dddb;--edge:#7d8a87;--link:var(--on-light);--rule:1px solid var(--line);--error:#a3222a;--wait:#8a5300;
--tint:color-mix(in srgb,var(--accent) 12%,#fff);--shade:0 12px 40px #0a1e1940,0 1px 3px #0a1e1933}
@media (prefers-color-scheme:dark){:host{--ink:#e9eeed;--muted:#a9b5b2;--ground:#181d20;
--bubble:#262d32;--line:#384147;--edge:#7f8b90;--link:var(--on-dark);--error:#ff9b9b;--wait:#f3bd69;
--tint:color-mix(in srgb,var(--accent) 30%,#181d20);--shade:0 12px 40px #000a}}
*{box-sizing:border-box;margin:0;padding:0}
[hidden],:empty:is(.notice,.bubble,.card,.choices),:host([open]) .launcher{display:none!important}
button,textarea{font:inherit;color:inherit;background:none;border:1px solid transparent}
button{cursor:pointer;display:inline-flex;align-items:center;justify-content:center;gap:7px}
a,.plain{color:var(--link);text-decoration:underline;text-underline-offset:2px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
svg{width:1.2em;height:1.2em;flex:none;fill:none;stroke:currentColor;stroke-width:2;
stroke-linecap:round;stroke-linejoin:round}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.launcher,.send,.mark,.customer .bubble{background:var(--accent);color:var(--on-accent)}
.launcher{position:relative;width:58px;height:58px;border-radius:50%;box-shadow:var(--shade);font-size:26px}
.unread{position:absolute;top:-3px;right:-3px;min-width:22px;padding:0 6px;border-radius:11px;
background:#b3261e;color:#fff;font:600 13px/22px system-ui,sans-serif}
dialog,.log,.msg{flex-direction:column}
dialog{inset:auto 20px 20px auto;position:fixed;width:392px;max-width:calc(100vw - 40px);
height:min(660px,calc(100vh - 40px));max-height:none;border:var(--rule);
border-radius:16px;overflow:hidden;background:var(--ground);color:var(--ink);box-shadow:var(--shade);
font-size:.9375em;line-height:1.42;overflow-wrap:anywhere;outline:0}
dialog[open],.log,.msg{display:flex}
.top,.foot,.by,.tools,.typing{display:flex;align-items:center;gap:0 6px}
.top{gap:11px;padding:11px 10px 11px 14px;border-bottom:var(--rule)}
.top div,textarea{flex:1;min-width:0}
.mark{display:grid;place-items:center;width:36px;height:36px;border-radius:11px}
h2{font-size:1.05em;line-height:1.25}
.who,small,.tools,.typing,.by{color:var(--muted);font-size:.85em}
.who::before{content:"●";color:var(--link);margin-inline-end:5px;font-size:.8em}
[data-status=waiting]::before{color:var(--wait)}
[data-status=resolved]::before{color:var(--edge)}
.round{width:36px;height:36px;border-radius:50%;color:var(--muted);font-size:1.1em}
.round:hover,.pill:hover,.vote :hover{background:var(--bubble)}
.banner{padding:8px 14px;font-size:.92em;background:var(--tint);border-bottom:var(--rule)}
.log{flex:1;position:relative;overflow-y:auto;overscroll-behavior:contain;padding:14px;gap:12px;scrollbar-width:thin;outline-offset:-3px!important}
.intro,.receipt,.card,.why{border:var(--rule);border-radius:12px;padding:10px 12px;font-size:.93em}
.intro{margin-bottom:auto}
.intro p+p{color:var(--muted);margin-top:4px}
.msg{align-items:flex-start;gap:4px}
.by{flex-wrap:wrap;font-size:.8em}
b{font-weight:600;color:var(--ink)}
.bubble{padding:8px 12px;border:1px solid transparent;border-radius:4px 14px 14px;background:var(--bubble);
white-space:pre-wrap;max-width:90%}
.agent .bubble{background:var(--tint);border-color:var(--link)}
.customer{align-items:flex-end}
.system{align-items:center}
.customer .bubble{border-radius:14px 14px 4px}
.customer a{color:inherit}
.customer.pending .bubble{background:none;color:var(--ink);border:1px dashed var(--edge)}
.system .bubble{background:none;padding:0;text-align:center;color:var(--muted);font-size:.87em}
.receipt small{display:block}
.receipt svg,.by svg{color:var(--link)}
.receipt.refused svg{color:var(--error)}
.receipt.unknown svg{color:var(--wait)}
ul{list-style:none;display:grid;gap:3px}
.sources{font-size:.88em;padding:0 4px}
.sources li,.receipt{display:flex;gap:8px}
.sources svg{margin-top:.15em;color:var(--muted)}
.tools{flex-wrap:wrap;gap:0 14px;padding:0 4px}
.plain{min-height:28px}
.vote button{width:30px;height:28px;border-radius:8px;vertical-align:middle}
.vote button+button svg{transform:rotate(180deg)}
.pill{min-height:34px;padding:4px 13px;border-color:var(--edge);border-radius:17px;font-size:.92em}
.choices{display:flex;flex-wrap:wrap;justify-content:flex-end;gap:7px;padding:6px 14px 10px;max-height:30%;
overflow-y:auto}
.choices .pill,.foot svg{border-color:var(--link);color:var(--link)}
.notice{padding:7px 14px;font-size:.88em;color:var(--wait);border-top:var(--rule)}
form{display:flex;align-items:flex-end;gap:6px;padding:10px 10px 4px 8px;border-top:var(--rule)}
textarea{resize:none;height:40px;max-height:132px;padding:8px 12px;
border-color:var(--edge);border-radius:12px;scrollbar-width:thin;outline-offset:-1px!important}
textarea::placeholder{color:var(--muted);opacity:1}
.send{width:40px;height:40px;border-radius:12px}
.foot{flex-wrap:wrap;justify-content:space-between;padding:5px 14px 11px}
.foot a{font-size:.85em}
@media ${NARROW}{dialog{inset:var(--top,0) 0 auto;width:100%;max-width:none;
height:var(--height,100dvh);border:0;border-radius:0}}
@media (pointer:coarse){textarea{font-size:16px}
.plain{min-height:36px}
.vote button{width:40px;height:36px}}
@media (prefers-reduced-motion:no-preference){dialog,.msg{animation:rise .18s}
.typing .bubble{animation:blink 1.2s infinite}}
@keyframes rise{from{opacity:0;transform:translateY(8px)}}
@keyframes blink{50%{opacity:.25}}
@media print{:host{display:none}}`;

const RING = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z";
const ICONS = {
	chat: "M21 12a8 8 0 0 1-8 8H4l1.6-3.2A8 8 0 1 1 21 12ZM9 12h.01M13 12h.01M17 12h.01",
	close: "m6 9 6 6 6-6",
	clip: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7L9.4 17a1.6 1.6 0 0 1-2.3-2.3L15 7",
	send: "M5 12h14M13 6l6 6-6 6",
	spark: "M12 3l2 6.2L20 12l-6 2.8L12 21l-2-6.2L4 12l6-2.8Z",
	person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM5 20a7 7 0 0 1 14 0",
	page: "M6 3h8l4 4v14H6ZM9 12h6M9 16h6",
	done: RING + "M8.5 12.2l2.4 2.4 4.6-5",
	unknown: RING + "M12 7.5V12l3 2",
	refused: RING + "M9 9l6 6M15 9l-6 6",
	thumb: "M7 11v9H4v-9ZM7 11l4-8c1.6 0 2.4 1 2.2 2.5L12.7 9H19c1.2 0 1.9 1 1.6 2.2l-1.7 7A2.4 2.4 0 0 1 16.6 20H7",
};

// ---- small helpers

/** An element: `h("p.big", {onclick}, children)`, attributes optional. Strings become text, never markup. */
function h(tag, ...children) {
	const attributes = children[0]?.constructor === Object ? children.shift() : {};
	const [name, ...classes] = tag.split(".");
	const node = document.createElement(name);
	node.className = classes.join(" ");
	for (const [key, value] of Object.entries(attributes)) {
		if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
		else if (value !== null) node.setAttribute(key, value);
	}
	node.append(...children.flat(Infinity).filter(Boolean));
	return node;
}

const button = (tag, onclick, attributes, ...children) => h(`button${tag}`, { type: "button", onclick, ...attributes }, children);

const label = (text) => ({ "aria-label": text, title: text });

function icon(name) {
	const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
	path.setAttribute("d", ICONS[name]);
	svg.setAttribute("viewBox", "0 0 24 24");
	svg.setAttribute("aria-hidden", "true");
	svg.append(path);
	return svg;
}

/** A random UUID. `randomUUID` needs a secure page; a blob's address ends with one. */
const uuid = () => crypto.randomUUID?.() || URL.createObjectURL(new Blob()).slice(-36);

/** A link in a new tab; anything but http, https and mailto stays plain text. */
function link(address, text, lang = null) {
	const href = /^\/(?!\/)/.test(address) ? ORIGIN + address : address;
	if (!/^(https?:\/\/|mailto:)/i.test(href)) return h("span", { lang }, text);
	return h("a", { href, target: "_blank", rel: "noopener noreferrer", lang }, text);
}

/** Text with its addresses as links, without a full stop or bracket that only ends the sentence. */
function linked(text) {
	return text.split(/(https?:\/\/[^\s<>"'„“”]+|[\w.+-]{1,64}@[\w-]+\.[\w.-]+)/i).map((part, index) => {
		if (index % 2 === 0) return part;
		const address = part.replace(/([.,;:!?…\]*_]|(?<!\(.*)\))+$/, "");
		return [link((part.includes("//") ? "" : "mailto:") + address, address), part.slice(address.length)];
	});
}

/** Relative luminance of [r, g, b], 0 to 1, as WCAG 2.2 defines it. */
function luminance(colour) {
	const [r, g, b] = colour.map((v) => (v <= 10 ? v / 3295 : ((v / 255 + 0.055) / 1.055) ** 2.4));
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The accent, mixed with `goal` (0 black, 255 white) until its luminance suits. */
function shade(accent, goal, suits) {
	let colour = accent;
	for (let share = 0; !suits(luminance(colour)); share += 0.04) colour = accent.map((v) => v + (goal - v) * share);
	return `rgb(${colour})`;
}

/** "14:32", with the day before it when that is not today. */
function clock(moment, language) {
	const date = new Date(moment);
	const day = date.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "short" };
	return Number.isNaN(+date) ? "" : date.toLocaleString(language, { ...day, hour: "2-digit", minute: "2-digit" });
}

// ---- what the browser remembers

function attempt(action) {
	try {
		return action();
	} catch (problem) {
		if (problem instanceof DOMException || problem instanceof SyntaxError) return null;
		throw problem;
	}
}

/** localStorage as JSON; where it is forbidden or full, memory. */
const store = {
	memory: new Map(),
	read(key) {
		return this.memory.get(key) ?? attempt(() => JSON.parse(localStorage.getItem(key)));
	},
	write(key, value) {
		this.memory.set(key, value);
		attempt(() => (localStorage.setItem(key, JSON.stringify(value)), this.memory.delete(key)));
	},
	remove(key) {
		this.memory.delete(key);
		attempt(() => localStorage.removeItem(key));
	},
	list(prefix) {
		const keys = new Set([...(attempt(() => Object.keys(localStorage)) || []), ...this.memory.keys()]);
		return [...keys].filter((key) => key.startsWith(prefix)).map((key) => this.read(key)).filter(Boolean);
	},
};

// ---- the API

/** A request that brought nothing. Status 0: the server was not reached. `after`: ms to wait. */
class Refusal extends Error {
	constructor(status, message, after) {
		super(message);
		this.after = after;
		this.gone = status === 401 || status === 404;
		this.permanent = status >= 400 && status < 500 && !this.gone && ![408, 425, 429].includes(status);
	}
}

const unreachable = () => Promise.reject(new Refusal(0));

/** A refusal of `action` goes to `otherwise` or is the result; our mistakes stay errors. */
async function refusable(action, otherwise = (problem) => problem) {
	try {
		return await action();
	} catch (problem) {
		if (!(problem instanceof Refusal)) throw problem;
		return otherwise(problem);
	}
}

async function request(method, path, token, body, signal) {
	const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
	const options = { method, headers, body: body && JSON.stringify(body), credentials: "omit", cache: "no-store", signal };
	const response = await fetch(`${ORIGIN}/api/v1/${path}`, options).catch(unreachable);
	if (response.ok) return response;
	const problem = await response.json().catch(() => null);
	const wait = Number(response.headers.get("Retry-After")) * 1000;
	throw new Refusal(response.status, problem?.message || "", Math.min(wait, 300_000));
}

async function call(method, path, token, body) {
	const response = await request(method, path, token, body, AbortSignal.timeout(20_000));
	return response.json().catch(unreachable);
}

/** The events of a text/event-stream as {id, event, data}. `alive`: something arrived. */
async function* events(body, alive) {
	const reader = body.pipeThrough(new TextDecoderStream()).getReader();
	for (let text = ""; ; ) {
		const { value, done } = await reader.read().catch(unreachable);
		if (done) return;
		alive();
		const blocks = (text + value).replace(/\r\n|\r(?!$)/g, "\n").split("\n\n");
		text = blocks.pop();
		for (const block of blocks) {
			const fields = { data: "" };
			for (const [, name, part] of block.matchAll(/^(\w+): ?([^\n]*)/gm)) {
				fields[name] = name === "data" ? fields.data + part : part;
			}
			yield fields;
		}
	}
}

// ---- conversation

/**
 * The conversation with the server: sends what is queued, follows the live stream, knows messages and status.
 * What waits to be sent has a storage key of its own, so tabs never overwrite each other.
 * `tell(what, detail)` informs the screen, which answers with its method `on_what`.
 */
class Session {
	constructor({ externalId, name, email }, tell) {
		this.customer = { external_id: externalId, name, email };
		this.tell = tell;
		this.key = `kulanz-chat:${ORIGIN}:${externalId || email || ""}`;
		this.state = store.read(this.key) || {};
		this.clear();
	}

	clear() {
		Object.assign(this, { messages: new Map(), status: null, event: null });
	}

	save(change) {
		this.state = { ...this.state, ...change };
		store.write(this.key, this.state);
	}

	queue() {
		return store.list(`${this.key}|`).sort((a, b) => a.at - b.at);
	}

	/** What people and assistant said, in order. */
	said() {
		return [...this.messages.values()].filter(({ author }) => author !== "system").sort((a, b) => a.seq - b.seq);
	}

	/** Keeps a message (an empty one: the wish for a person) until the server has it. */
	send(text, attachments) {
		const item = { id: uuid(), text, attachments, at: Math.max(Date.now(), (this.queue().at(-1)?.at || 0) + 1) };
		store.write(`${this.key}|${item.id}`, item);
		this.tell("queue");
		this.flush();
	}

	/** Sends the queue, one tab at a time; without locks, keys make repeats harmless. */
	async flush() {
		if (this.flushing || !this.queue().length || !navigator.onLine) return;
		this.flushing = true;
		clearTimeout(this.retry);
		const shared = navigator.locks && attempt(() => localStorage);
		const work = () => refusable(() => this.sendAll());
		const problem = await (shared ? navigator.locks.request(this.key, work) : work());
		this.flushing = false;
		this.failures = problem ? (this.failures || 0) + 1 : 0;
		if (problem) this.retry = setTimeout(() => this.flush(), problem.after || pause(this.failures));
		this.tell("connection", !problem);
		if (!problem) this.flush();
	}

	async sendAll() {
		for (let item; (item = this.queue()[0]); ) {
			this.follow(); // another tab may have begun the conversation
			const refused = await this.deliver(item);
			store.remove(`${this.key}|${item.id}`);
			if (refused) this.tell("refused", { ...item, reason: refused.message });
			this.tell("queue");
		}
	}

	/** Sends one item; replaces a lost conversation once. Returns a refusal that is final. */
	async deliver(item) {
		for (let again = true; ; again = false) {
			const { id } = this.state;
			try {
				if (!id) await this.begin();
				const path = `conversations/${this.state.id}/${isWish(item) ? "handover" : "messages"}`;
				const body = { text: item.text, attachments: item.attachments?.map((file) => file.id), client_message_id: item.id };
				await call("POST", path, this.state.token, isWish(item) ? {} : body);
				return null;
			} catch (problem) {
				if (problem.permanent) return problem;
				if (!problem.gone || !again) throw problem;
				this.leave(id);
				if (id) this.tell("gone");
			}
		}
	}

	begin() {
		return (this.opening ??= this.open().finally(() => (this.opening = null)));
	}

	async open() {
		const { language } = this;
		const begin = (customer) => call("POST", "conversations", null, { channel: "web_chat", language, customer });
		const { id, token } = await begin(this.customer).catch((problem) => {
			if (!problem.permanent) throw problem;
			return begin(); // a malformed e-mail address must not cost the message
		});
		this.save({ id, token, language });
		this.listen();
	}

	/** Takes over what is stored, by this tab or another. */
	follow() {
		const { id } = this.state;
		this.state = store.read(this.key) || {};
		if (this.state.id === id) return;
		this.stop();
		this.clear();
		this.tell("reset");
		this.listen();
	}

	/** Leaves the conversation. What is not sent yet stays. */
	leave(id) {
		if (store.read(this.key)?.id === id) store.remove(this.key);
		this.follow();
	}

	async listen() {
		if (this.run || !this.state.id) return;
		const run = (this.run = { id: this.state.id });
		for (let failures = 1; this.run === run; failures++) {
			const began = Date.now();
			const problem = await refusable(() => this.connect(run));
			if (this.run !== run) return;
			if (problem?.gone) return this.leave(run.id), this.tell("gone");
			this.tell("connection", false);
			if (Date.now() - began > 5000) failures = 1;
			await new Promise((done) => setTimeout(done, problem?.after || pause(failures)));
		}
	}

	/** One connection, until it breaks. It misses nothing after its first event; the rest is fetched. */
	async connect(run) {
		const abort = (run.abort = new AbortController());
		const alive = () => {
			clearTimeout(run.watchdog);
			run.watchdog = setTimeout(() => abort.abort(), SILENCE);
		};
		const known = this.said().at(-1)?.id;
		alive();
		try {
			const path = `live/conversations/${run.id}${this.event ? `?after=${encodeURIComponent(this.event)}` : ""}`;
			const response = await request("GET", path, this.state.token, null, abort.signal);
			this.tell("connection", true);
			this.flush();
			const stream = events(response.body, alive);
			await stream.next();
			await Promise.all([this.catchUp(run, known), this.receiveAll(run, stream)]);
		} finally {
			clearTimeout(run.watchdog);
			abort.abort();
		}
	}

	async receiveAll(run, stream) {
		for await (const { id, event, data } of stream) {
			if (this.run !== run) return;
			this.event = id || this.event;
			const detail = attempt(() => JSON.parse(data));
			if (!detail) continue;
			if (event === "message") this.receive(detail);
			else if (event === "conversation") this.setStatus(detail);
			else if (/^(typing|draft)$/.test(event)) this.tell("typing", detail);
		}
	}

	async catchUp(run, after) {
		for (let fresh = true; fresh; ) {
			const { messages } = await this.ask(`/messages${after ? `?after=${after}` : ""}`);
			if (this.run !== run) return;
			fresh = messages.filter((message) => this.receive(message)).length;
			after = messages.at(-1)?.id;
		}
		const known = this.status;
		const status = await this.ask("");
		if (this.run !== run) return;
		if (this.status === known) this.setStatus(status); // else outdated
		this.tell("loaded");
	}

	/** Whether the message was new. */
	receive(message) {
		if (this.messages.has(message.id)) return false;
		this.messages.set(message.id, message);
		if (message.client_message_id) store.remove(`${this.key}|${message.client_message_id}`);
		this.tell("message", message);
		return true;
	}

	setStatus(status) {
		this.status = status;
		if (status.status !== "resolved") this.solved = undefined;
		this.tell("status", status);
	}

	ask(path) {
		return call("GET", `conversations/${this.state.id}${path}`, this.state.token);
	}

	async feedback(body) {
		const { id, token, votes = [] } = this.state;
		await call("POST", `conversations/${id}/feedback`, token, body);
		if (body.message_id) return this.save({ votes: [...votes, body.message_id] });
		this.solved = body.solved;
		this.setStatus(await this.ask(""));
	}

	/** Connects anew: after a pause no connection can be trusted. */
	wake() {
		this.stop();
		this.listen();
		this.flush();
	}

	stop() {
		this.run?.abort?.abort();
		this.run = null;
	}
}

/** ms until the next attempt: 0.5 s, doubled up to 10 s, scattered. */
const pause = (failures) => Math.min(10_000, 500 * 2 ** (failures - 1)) * (0.8 + 0.2 * Math.random());

const isWish = ({ text, attachments }) => !text && !attachments?.length;

// ---- loaded with its first use

const kit = { h, button, label, icon, link, clock, speak, refusable, request, Refusal };
let missed = 0; // a failure stays with its address
const extra = (name) => import(`${ORIGIN}/widget/kulanz-chat-${name}.js?${missed || ""}`).catch(() => unreachable(missed++));

function attached(files, session, t) {
	const list = h("ul.files", files.map(({ name }) => h("li", name)));
	refusable(async () => (await extra("files")).show(list, files, session, t, kit));
	return list;
}

// ---- one message

function byline({ author, author_name, created_at }, t) {
	if (author === "system") return h("span.sr", `${t.system}: `);
	const time = h("time", created_at ? clock(created_at, t.lang) : t.sending);
	if (author === "customer") return h("p.by", h("span.sr", t.you), time);
	const agent = author === "agent";
	const name = h("b", agent ? author_name || t.agent : t.assistant);
	return h("p.by", icon(agent ? "person" : "spark"), name, agent && ` · ${t.title}`, " · ", time);
}

function receipt({ status, reference, summary, action }, t) {
	const kind = t.receipts[status] ? status : "unknown";
	const detail = [t.receipts[kind], reference && `${t.receipt} ${reference}`].filter(Boolean).join(" · ");
	return h(`div.receipt.${kind}`, icon(kind), h("div", summary || action, h("small", detail)));
}

/** "Why this answer?" and its panel, loaded when wanted. */
function whyToggle(id, session, t) {
	const panel = h("div.why", { hidden: "" });
	const load = async () => {
		const [{ details }, known] = await Promise.all([extra("why"), session.ask(`/messages/${id}/why`)]);
		panel.replaceChildren(details(known, t, kit, session.root));
		panel.scrollIntoView({ block: "nearest" });
	};
	const toggle = () => {
		panel.hidden = !panel.hidden;
		opener.setAttribute("aria-expanded", !panel.hidden);
		if (panel.hidden) return;
		panel.textContent = "…";
		refusable(load, () => (panel.textContent = t.failed));
	};
	const opener = button(".plain", toggle, { "aria-expanded": false }, t.why);
	return [opener, panel];
}

function vote(id, session, t) {
	if (session.state.votes?.includes(id)) return h("span", t.thanks);
	const say = (text) => box.replaceChildren(text);
	const press = (helpful) => refusable(() => session.feedback({ message_id: id, helpful }).then(() => say(t.thanks)), () => say(t.failed));
	const thumb = (text, helpful) => button("", () => (box.focus(), press(helpful)), label(text), icon("thumb"));
	const box = h("span.vote", { role: "group", "aria-label": t.helped, tabindex: -1 }, t.helped, " ", thumb(t.yes, true), thumb(t.no, false));
	return box;
}

function messageNode(message, session, t) {
	const { id, author, text, actions = [], sources = [], attachments = [] } = message;
	const node = h(`div.msg.${author}`, byline(message, t), h("div.bubble", { dir: "auto" }, linked(text)));
	if (attachments.length) node.append(attached(attachments, session, t));
	if (author !== "assistant") return node;
	node.append(...actions.map((action) => receipt(action, t)));
	const source = ({ url, title, language }) => h("li", icon("page"), link(url, title, language || null));
	if (sources.length) node.append(h("ul.sources", { "aria-label": t.sources }, sources.map(source)));
	const [opener, panel] = message.why ? whyToggle(id, session, t) : [];
	const thumbs = message.decision === "answer" && vote(id, session, t);
	node.append(h("div.tools", opener, thumbs), panel || "");
	return node;
}

// ---- the component

class KulanzChat extends HTMLElement {
	static observedAttributes = ["open"];

	connectedCallback() {
		if (this.session) return this.session.wake();
		this.session = new Session(this.dataset, (what, detail) => this[`on_${what}`](detail));
		this.t = TEXTS[(this.session.language = this.chosenLanguage())];
		this.build();
		this.watchPage();
		this.on_reset();
		if ("open" in this.dataset && !matchMedia(NARROW).matches) {
			this.panel.open = true; // without taking the focus from the page
			this.open();
		}
		this.session.wake();
	}

	disconnectedCallback() {
		this.session.stop();
	}

	open() {
		this.toggleAttribute("open", true);
	}

	close() {
		this.toggleAttribute("open", false);
	}

	/** Sends as the customer would. False: it is empty or too long. */
	send(text) {
		const clean = text.trim();
		this.showNotice([...clean].length > MAX_TEXT ? this.t.tooLong : this.loading && !this.tray ? this.t.sending : this.tray?.busy());
		if (this.problem || (!clean && !this.tray?.count())) return false;
		this.session.send(clean, this.tray?.take());
		return true;
	}

	attach(list, event) {
		const files = [...list];
		if (!files.length) return;
		event?.preventDefault();
		this.loading ??= extra("files").then(({ tray }) => (this.tray = tray(this, kit)));
		refusable(async () => (await this.loading).add(files), () => this.showNotice(this.t.failed, (this.loading = null)));
	}

	attributeChangedCallback() {
		if (!this.panel) return;
		const inside = this.shadowRoot.activeElement;
		if (!this.hasAttribute("open")) {
			this.panel.close(); // gives the focus back
			if (inside && document.activeElement === document.body) this.launcher.focus();
		} else if (!this.panel.open) {
			// A small screen is covered, so the focus stays inside.
			matchMedia(NARROW).matches ? this.panel.showModal() : this.panel.show();
			(matchMedia("(pointer: coarse)").matches ? this.panel : this.field).focus(); // no sudden keyboard on phones
		}
		this.reveal(this.log.lastElementChild);
		this.showUnread();
	}

	chosenLanguage() {
		const known = [this.dataset.language, this.session.state.language, document.documentElement.lang, navigator.language];
		return known.map((tag) => tag?.slice(0, 2).toLowerCase()).find((tag) => TEXTS[tag]) || "en";
	}

	build() {
		const t = this.t;
		const title = this.dataset.title || t.title;
		this.badge = h("span.unread", { "aria-hidden": true });
		this.launcher = button(".launcher", () => this.open(), { "aria-haspopup": "dialog", lang: t.lang }, icon("chat"), this.badge);
		this.who = h("p.who", { role: "status" });
		this.mark = h("span.mark");
		this.banner = h("p.banner", { role: "status" });
		this.log = h("div.log", { role: "log", "aria-live": "polite", "aria-label": t.log, tabindex: 0 });
		this.choices = h("div.choices", { role: "group", "aria-label": t.choices });
		this.notice = h("p.notice", { role: "status" });
		const close = button(".round", () => this.close(), label(t.close), icon("close"));
		const head = h("div.top", this.mark, h("div", h("h2", title), this.who), close);
		const person = button(".pill", () => this.askPerson(), null, icon("person"), t.person);
		const foot = h("div.foot", person, this.privacy());
		const onkeydown = (event) => event.key === "Escape" && !event.isComposing && (event.preventDefault(), this.close());
		const ondrop = (event) => this.attach(event.dataTransfer.files, event);
		const ondragover = (event) => event.preventDefault();
		const events = { onkeydown, ondragover, ondrop, oncancel: () => this.close() };
		this.panel = h("dialog", { role: "dialog", "aria-label": title, lang: t.lang, tabindex: -1, ...events },
			head, this.banner, this.log, this.choices, this.notice, this.buildForm(), foot);
		this.session.root = this.attachShadow({ mode: "open" });
		this.session.root.append(this.launcher, this.panel);
		this.dress();
	}

	buildForm() {
		const { send, placeholder, attach } = this.t;
		const submit = (event) => {
			event.preventDefault();
			if (this.send(this.field.value)) this.write("");
			this.field.focus();
		};
		const onkeydown = (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing && submit(event);
		const oninput = () => this.write(this.field.value);
		const onpaste = (event) => event.clipboardData.getData("text") || this.attach(event.clipboardData.files, event);
		this.field = h("textarea", { rows: 1, "aria-label": placeholder, placeholder, enterkeyhint: "send", onkeydown, oninput, onpaste });
		const onchange = () => (this.attach(picker.files), (picker.value = ""));
		const picker = h("input", { type: "file", multiple: "", hidden: "", accept: "image/jpeg,image/png,image/webp,image/gif,.pdf", onchange });
		const clip = button(".round", () => picker.click(), label(attach), icon("clip"));
		return h("form", { onsubmit: submit }, clip, picker, this.field, h("button.send", label(send), icon("send")));
	}

	privacy() {
		const { privacyUrl } = this.dataset;
		return privacyUrl && link(new URL(privacyUrl, document.baseURI).href, this.t.myData);
	}

	/** Style attributes would fall to a strict policy. */
	dress() {
		const { accent: wish } = this.dataset;
		const accent = (/^#[\da-f]{6}$/i.test(wish) ? wish : "#17695b").match(/\w\w/g).map((part) => parseInt(part, 16));
		const sheet = new CSSStyleSheet();
		// The limits give texts a contrast of 4.5 (AA).
		sheet.replaceSync(`${STYLE} :host { --accent: rgb(${accent}); --on-accent: ${luminance(accent) < 0.18 ? "#fff" : "#000"};
			--on-light: ${shade(accent, 0, (y) => y < 0.15)}; --on-dark: ${shade(accent, 255, (y) => y > 0.3)}; }`);
		this.shadowRoot.adoptedStyleSheets = [sheet];
	}

	watchPage() {
		const { session } = this;
		addEventListener("online", () => session.wake());
		addEventListener("offline", () => this.on_connection(false));
		addEventListener("storage", ({ key }) => {
			if (key && !key.startsWith(session.key)) return;
			session.follow();
			this.on_queue();
		});
		addEventListener("visibilitychange", () => {
			clearTimeout(this.asleep);
			if (document.hidden) this.asleep = setTimeout(() => session.stop(), HIDDEN);
			else session.wake();
		});
		visualViewport.addEventListener("resize", () => {
			// A phone's keyboard must not cover the field.
			this.panel.style.setProperty("--height", `${visualViewport.height}px`);
			this.panel.style.setProperty("--top", `${visualViewport.offsetTop}px`);
		});
	}

	askPerson() {
		if (!this.session.queue().some(isWish)) this.session.send("");
		this.field.focus();
	}

	on_reset() {
		this.sending = new Map(); // client_message_id → its element
		this.typing = this.card = null;
		this.tray?.take();
		this.log.ariaBusy = Boolean(this.session.state.id); // old messages are not read aloud
		this.log.replaceChildren(h("div.intro", h("p", this.t.intro), h("p", this.t.data, " ", this.privacy())));
		this.on_status(null);
		this.on_queue();
		this.showUnread();
	}

	on_loaded() {
		this.log.ariaBusy = false;
	}

	on_gone() {
		this.showNotice(this.t.gone);
	}

	/** A message takes its place by `seq`, instead of the one shown while sending. */
	on_message(message) {
		const own = message.author === "customer";
		if (!own) this.on_typing({});
		const follow = own || this.atEnd();
		const node = messageNode(message, this.session, this.t);
		this.sending.get(message.client_message_id)?.remove();
		this.sending.delete(message.client_message_id);
		this.insert(node, message.seq);
		this.showChoices();
		if (follow) this.reveal(node);
		this.showUnread();
	}

	/** What waits to be sent stands at the end. */
	on_queue() {
		const queue = this.session.queue();
		for (const [id, node] of this.sending) {
			if (!queue.some((item) => item.id === id)) this.sent(id, node);
		}
		for (const item of queue.filter((item) => !this.sending.has(item.id))) {
			const message = isWish(item) ? { author: "system", text: this.t.calling } : { ...item, author: "customer" };
			const node = messageNode(message, this.session, this.t);
			node.classList.add("pending");
			this.sending.set(item.id, node);
			this.insert(node, LAST);
			this.reveal(node);
		}
		this.showChoices();
		this.showNotice(this.problem);
	}

	sent(id, node) {
		node.classList.remove("pending");
		if (node.matches(".system")) this.sending.delete(id), node.remove();
		else node.querySelector("time").textContent = clock(Date.now(), this.t.lang);
	}

	/** What the server will never take goes back, with the reason. */
	on_refused({ id, text, reason }) {
		this.sending.get(id)?.remove();
		this.sending.delete(id);
		this.write(`${text}\n${this.field.value}`.trim());
		this.showNotice(reason || this.t.failed);
	}

	/** The sign that somebody writes, and the answer so far; that is read aloud when it is complete. */
	on_typing({ author, on, text, answers }) {
		clearTimeout(this.typingEnd);
		const follow = this.atEnd();
		const outdated = answers < this.session.said().at(-1)?.seq;
		if (!on || outdated) return (this.typing = this.typing?.remove());
		const name = author === "agent" ? this.session.status?.handover?.agent || this.t.agent : this.t.assistant;
		const hidden = { "aria-hidden": true, dir: "auto" };
		this.typing ??= h("div.msg", h("div.bubble", hidden), h("div.typing", h("span.bubble", hidden, "•••"), h("span")));
		if (text) this.typing.firstChild.textContent = text;
		speak(this.typing.lastChild.lastChild, `${name} ${this.t.types}`);
		if (this.log.lastChild !== this.typing) this.insert(this.typing, LAST);
		if (follow) this.reveal(this.typing);
		this.typingEnd = setTimeout(() => this.on_typing({}), 15_000);
	}

	on_connection(up) {
		clearTimeout(this.downTimer);
		this.down = false;
		const tell = () => this.showNotice(this.problem, (this.down = true));
		if (!up) this.downTimer = setTimeout(tell, navigator.onLine ? 2500 : 0); // short breaks are nobody's business
		this.showNotice(this.problem);
	}

	on_status(status) {
		const kind = this.t.who[status?.status] ? status.status : "assistant";
		const { agent, message } = { ...status?.handover };
		const follow = this.atEnd();
		this.who.dataset.status = kind;
		speak(this.who, kind === "agent" ? `${this.t.who.agent} ${agent || this.t.agent}` : this.t.who[kind]);
		this.mark.replaceChildren(icon(kind === "waiting" || kind === "agent" ? "person" : "spark"));
		speak(this.banner, message || this.t.waiting);
		this.banner.hidden = kind !== "waiting";
		this.showChoices();
		if (follow) this.reveal(this.log.lastElementChild);
		this.showCard(kind === "resolved" && status);
	}

	insert(node, seq) {
		node.seq = seq;
		this.log.insertBefore(node, [...this.log.children].find((child) => child.seq > seq) || null);
	}

	showNotice(problem = "") {
		this.problem = problem;
		const { state } = this.session;
		const offline = (this.down || !navigator.onLine) && (state.id || this.session.queue().length);
		speak(this.notice, problem || (offline ? this.t.offline : ""));
	}

	showChoices() {
		const { sending, session } = this;
		const texts = (!sending.size && (session.status?.handover || session.said().at(-1))?.choices) || [];
		const choice = (text) => button(".pill", () => (this.send(text), this.field.focus()), null, text);
		this.choices.replaceChildren(...texts.map(choice));
	}

	/** Was it solved? An answer is never assumed. */
	showCard(status) {
		this.card?.remove();
		this.card = null;
		if (!status) return;
		this.on_typing({});
		const card = (this.card = h("div.card"));
		this.insert(card, LAST);
		refusable(async () => this.reveal((await extra("end")).fill(card, status, this, kit)));
	}

	showUnread() {
		const spoken = this.session.said().filter(({ author }) => author !== "customer");
		const { seen = 0 } = this.session.state;
		const open = this.hasAttribute("open");
		const newest = spoken.at(-1)?.seq || 0;
		if (open && newest > seen) this.session.save({ seen: newest });
		const count = open ? 0 : spoken.filter(({ seq }) => seq > seen).length;
		this.badge.hidden = !count;
		this.badge.textContent = count;
		this.launcher.ariaLabel = count ? `${this.t.open} (${count} ${this.t.unread})` : this.t.open;
	}

	atEnd() {
		return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
	}

	/** Shows the node; of a tall one its beginning. */
	reveal(node) {
		this.log.scrollTop = Math.min(node.offsetTop - 8, this.log.scrollHeight);
	}

	/** Fills the field, which grows with its text. */
	write(text) {
		if (this.field.value !== text) this.field.value = text;
		this.field.style.height = "auto";
		this.field.style.height = `${this.field.scrollHeight + 2}px`;
	}
}

/** Live regions are read aloud on every change: change them only for news. */
function speak(node, text) {
	if (node.textContent !== text) node.textContent = text;
}

customElements.define("kulanz-chat", KulanzChat);

if (!document.querySelector("kulanz-chat")) {
	const element = document.createElement("kulanz-chat");
	Object.assign(element.dataset, SCRIPT?.dataset);
	(document.body || document.documentElement).append(element);
}
})();
