/* Files in the chat: a part of the Kulanz chat widget, loaded with the first file. Licence: Apache-2.0. */

const { origin } = new URL(import.meta.url);
const MOST = 10_000_000; // bytes; the server's limit
const MOST_FILES = 5; // of one message
const SIDE = 2000; // pixels; what is too large is made no larger than the server keeps
const SHOWN = 220; // CSS pixels

const TEXTS = {
	de: {
		tray: "Dateien für Ihre Nachricht", uploading: "wird hochgeladen", remove: "entfernen", photo: "Foto",
		opens: "öffnet sich groß in einem neuen Fenster", save: "herunterladen",
		large: "Die Datei ist zu groß: höchstens 10 MB. Schicken Sie ein kleineres Bild oder einen Ausschnitt.",
		kind: "Das geht hier nicht. Möglich sind Bilder (JPEG, PNG, WebP, GIF) und PDF-Dateien.",
		many: "Höchstens 5 Dateien je Nachricht. Schicken Sie die übrigen mit der nächsten.",
		wait: "Einen Moment, die Datei wird noch hochgeladen.",
		offline: "Keine Verbindung. Bitte fügen Sie die Datei noch einmal an, sobald sie wieder steht.",
	},
	en: {
		tray: "Files for your message", uploading: "uploading", remove: "remove", photo: "Photo",
		opens: "opens large in a new window", save: "download",
		large: "The file is too large: 10 MB at most. Send a smaller picture, or a part of it.",
		kind: "This is not possible here. You can send pictures (JPEG, PNG, WebP, GIF) and PDF files.",
		many: "Up to 5 files in one message. Send the others with the next one.",
		wait: "One moment, the file is still being uploaded.",
		offline: "No connection. Please add the file again when it is back.",
	},
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.files,.tray ul{display:flex;flex-wrap:wrap;gap:8px;align-items:flex-end}
.customer .files{justify-content:flex-end}
.files a,.files button{display:block;border-radius:12px;min-height:24px;text-align:start}
.files canvas{display:block;max-width:100%;border-radius:12px;border:var(--rule)}
.tray{padding:8px 14px 0;font-size:.88em}
.tray ul{padding-bottom:2px}
.tray li{display:flex;align-items:center;gap:6px;max-width:100%;border:var(--rule);border-radius:10px;padding:4px 4px 4px 8px}
.tray li span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;max-width:150px}
.tray canvas{border-radius:6px;margin-inline-start:-4px}
.tray progress{width:56px;accent-color:var(--link)}
.tray .round{width:32px;height:32px}`);

function dress(root) {
	if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
}

/** "1.2 MB", "340 kB", in this language. */
function sized(bytes, language) {
	const [unit, share] = bytes < 1e6 ? ["kilobyte", 1e3] : ["megabyte", 1e6];
	const digits = { maximumFractionDigits: bytes < 1e6 ? 0 : 1 };
	return (Math.max(1e3, bytes) / share).toLocaleString(language, { style: "unit", unit, ...digits });
}

/** Changes something; whoever read the end of the log still does. */
function stay(log, change) {
	const atEnd = log && log.scrollHeight - log.scrollTop - log.clientHeight < 60;
	change();
	if (atEnd) log.scrollTop = log.scrollHeight;
}

/** The picture on the canvas. A canvas needs no leave of the page's policy for pictures. */
async function draw(canvas, blob) {
	const bitmap = await createImageBitmap(blob).catch(() => null);
	if (bitmap) canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
	bitmap?.close();
	return Boolean(bitmap);
}

function frame(h, width, height, side) {
	const share = Math.min(1, side / Math.max(width, height));
	return h("canvas", { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) });
}

// ---- what messages show

/** Fills the list of a message's files: pictures open large, everything else is saved. */
export function show(list, files, session, words, kit) {
	dress(session.root);
	const t = TEXTS[words.lang];
	const shown = (file) => (file.width ? picture(file, session, t, kit) : saved(file, session, words, t, kit));
	stay(list.closest(".log"), () => list.replaceChildren(...files.map((file) => kit.h("li", shown(file)))));
}

async function fetched(file, session, { request }) {
	const response = await request("GET", `attachments/${file.id}`, session.state.token);
	return new Blob([await response.arrayBuffer()], { type: file.kind });
}

function picture(file, session, t, kit) {
	const canvas = frame(kit.h, file.width, file.height, SHOWN);
	const name = `${t.photo} ${file.name}, ${t.opens}`;
	const link = kit.h("a", { target: "_blank", "aria-label": name, title: file.name }, canvas);
	kit.refusable(async () => {
		const blob = await fetched(file, session, kit);
		await draw(canvas, blob);
		link.href = URL.createObjectURL(blob);
	});
	return link;
}

function saved(file, session, words, t, kit) {
	const save = async () => {
		const href = URL.createObjectURL(await fetched(file, session, kit));
		kit.h("a", { href, download: file.name }).click();
		setTimeout(() => URL.revokeObjectURL(href), 60_000);
	};
	const failed = () => (press.title = words.failed);
	const press = kit.button(".plain", () => kit.refusable(save, failed), { title: t.save }, `${file.name} (${sized(file.size, words.lang)})`);
	return press;
}

// ---- what is about to be sent

/** A file as it can be sent: what is too large, or what only this device can read (HEIC), becomes a JPEG here. */
async function sendable(file, h) {
	const readable = /^(image\/(jpeg|png|webp|gif)|application\/pdf)$/.test(file.type) || !file.type;
	if (readable && file.size <= MOST) return file;
	const bitmap = file.type.startsWith("image/") && (await createImageBitmap(file).catch(() => null));
	if (!bitmap) return file;
	const canvas = frame(h, bitmap.width, bitmap.height, SIDE);
	canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
	bitmap.close();
	const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
	return blob ? new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
}

/** Uploads; `fetch` could not tell how far it has come. */
function upload(file, { state }, progress, Refusal) {
	return new Promise((done, fail) => {
		const call = new XMLHttpRequest();
		call.open("POST", `${origin}/api/v1/conversations/${state.id}/attachments`);
		call.setRequestHeader("Authorization", `Bearer ${state.token}`);
		call.responseType = "json";
		call.timeout = 180_000;
		call.upload.onprogress = ({ loaded, total }) => (progress.value = loaded / total);
		call.onload = () =>
			call.status === 201 ? done(call.response) : fail(new Refusal(call.status, call.response?.message || ""));
		call.onerror = call.ontimeout = call.onabort = () => fail(new Refusal(0));
		const form = new FormData();
		form.append("file", file, file.name);
		call.send(form);
	});
}

class Tray {
	constructor(chat, kit) {
		this.chat = chat;
		this.kit = kit;
		this.t = TEXTS[chat.t.lang];
		this.entries = [];
		this.list = kit.h("ul");
		this.node = kit.h("div.tray", { role: "group", "aria-label": this.t.tray }, this.list);
		dress(chat.session.root);
		chat.field.form.before(this.node);
		this.refresh();
	}

	add(files) {
		const room = MOST_FILES - this.entries.length;
		this.entries.push(...files.slice(0, room).map((file) => this.entry(file)));
		this.chat.showNotice(files.length > room ? this.t.many : "");
		this.refresh();
		this.chat.field.focus();
		return this.next();
	}

	entry(file) {
		const { h, button, label } = this.kit;
		const entry = { file };
		entry.canvas = h("canvas", { width: 36, height: 36, hidden: "" });
		entry.progress = h("progress", { max: 1, value: 0, "aria-label": `${file.name} ${this.t.uploading}` });
		const remove = button(".round", () => (this.drop(entry), this.chat.field.focus()), label(`${file.name} ${this.t.remove}`), h("span", { "aria-hidden": true }, "✕"));
		entry.node = h("li", entry.canvas, h("span", { title: file.name }, file.name), entry.progress, remove);
		if (file.type.startsWith("image/")) draw(entry.canvas, file).then((drawn) => (entry.canvas.hidden = !drawn));
		return entry;
	}

	/** Uploads one after the other. */
	async next() {
		if (this.working) return;
		this.working = true;
		for (let entry; (entry = this.entries.find(({ done }) => !done)); ) {
			const problem = await this.kit.refusable(() => this.upload(entry));
			if (problem) this.refuse(entry, problem);
			this.refresh();
		}
		this.working = false;
		if (this.chat.problem === this.t.wait) this.chat.showNotice();
	}

	async upload(entry) {
		const { session } = this.chat;
		const { Refusal, h } = this.kit;
		const file = await sendable(entry.file, h);
		if (file.size > MOST) throw new Refusal(413, this.t.large);
		if (file.type && !/^(image\/|application\/pdf)/.test(file.type)) throw new Refusal(422, this.t.kind);
		if (!session.state.id) await session.begin();
		entry.done = await upload(file, session, entry.progress, Refusal);
		entry.progress.remove();
	}

	/** What can't be sent leaves the tray, with the reason. A conversation that is gone is left, as for a message. */
	refuse(entry, problem) {
		const { session } = this.chat;
		const { name } = entry.file;
		this.drop(entry);
		if (problem.gone) session.leave(session.state.id);
		this.chat.showNotice(`${name}: ${problem.message || (problem.permanent ? this.t.kind : this.t.offline)}`);
	}

	drop(entry) {
		this.entries = this.entries.filter((other) => other !== entry);
		entry.done ||= {};
		this.refresh();
	}

	count() {
		return this.entries.length;
	}

	/** What keeps the message from being sent now. */
	busy() {
		return this.entries.some(({ done }) => !done) ? this.t.wait : "";
	}

	/** The files for a message; the tray is empty afterwards. */
	take() {
		const files = this.entries.map(({ done }) => done).filter((done) => done?.id);
		this.entries = [];
		this.refresh();
		return files;
	}

	refresh() {
		stay(this.chat.log, () => {
			this.list.replaceChildren(...this.entries.map(({ node }) => node));
			this.node.hidden = !this.entries.length;
		});
	}
}

/** The place above the text field where files wait for their message. */
export const tray = (chat, kit) => new Tray(chat, kit);
