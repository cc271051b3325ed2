// Checks a receipt file within the browser: nothing of it leaves the device.
//
//  1. Format: canonical JSON with exactly the members of a receipt or a batch.
//  2. Record: its head names the log and the index that the proof speaks of.
//  3. Inclusion: record, salt and path lead to the checkpoint's root (RFC 6962).
//  4. Signature: the checkpoint is signed by the log's key (Ed25519).
//
// The steps are those of the Go package receipt; docs/journal.md gives every
// byte, and a test holds this file, Go and Python against the same files.

const kinds = ("- inquiry journal-reading code-match register-import person-change life-event card-event place-change " +
  "residence-change agency-change officer-change certificate-change agreement-change board-decision correction delivery " +
  "key-event purge notice register-reading delivery-row follow correction-notice review doubt process exception complaint " +
  "audit compliance evaluation report access").split(" ");

const maxSize = 16 << 20, maxDepth = 16, maxMembers = 512;
const decimal = /^(?:0|[1-9][0-9]{0,17})$/;

// Failure names the step that failed, and why; both are keys of texts.
class Failure extends Error {
  constructor(step, why) {
    super(`${step}: ${why}`);
    this.step = step;
    this.why = why;
  }
}

function need(condition, step, why) {
  if (!condition) throw new Failure(step, why);
}

// verify checks a file (bytes) against public keys (texts). It throws a Failure
// unless every record of the file stands, exactly as it is there, in the log.
// native says whether the browser's own Ed25519 may be used.
export async function verify(data, keys, native = true) {
  // 1. Format.
  const file = read(parse(data));
  const point = checkpoint(file.note);
  const count = BigInt(file.entries.length);
  need(file.path || file.size === point.size && file.first <= point.size - count, "format", "outside");
  // 2. Record.
  const leaves = await Promise.all(file.entries.map((e, i) => leaf(e, point.origin, file.first + BigInt(i))));
  // 3. Inclusion.
  const root = file.path ? await climb(file.first, point.size, leaves[0], file.path) : await span(file, leaves, point.size);
  need(same(root, point.root), "inclusion", "root");
  // 4. Signature.
  const by = await signed(file.note, point.origin, keys, native);
  return { records: file.entries.map((e) => e.record), batch: !file.path, ...point, ...by };
}

// parse reads canonical JSON, white space apart: printing it again must give
// the same text. So the text of a record is what JSON.stringify gives for it.
function parse(data) {
  need(data.length <= maxSize, "format", "large");
  let text, value;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    value = JSON.parse(text);
  } catch {
    throw new Failure("format", "json");
  }
  const compact = text.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+/g, (_, string) => string ?? "");
  need(canonical(value, 0) && JSON.stringify(value) === compact, "format", "canonical");
  return value;
}

// canonical checks what printing alone would let pass.
function canonical(value, depth) {
  if (depth > maxDepth) return false;
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (value === null || typeof value !== "object") return true;
  if (Array.isArray(value)) return value.every((v) => canonical(v, depth + 1));
  const names = Object.keys(value);
  return names.length <= maxMembers && names.every((n) => /^[a-z][a-z0-9_]*$/.test(n) && canonical(value[n], depth + 1));
}

// read takes a receipt, a batch, or the answer to an act that holds its receipt.
function read(file) {
  if (file?.receipt && file.tracking_code) file = file.receipt;
  if (file?.format === "estelam-receipts/1") return readBatch(file);
  need(file?.format === "estelam-receipt/1", "format", "other");
  exactly(file, "format", "record", "salt", "proof");
  need(typeof file.proof === "string", "format", "members");
  const [, index, path, note] =
    /^c2sp\.org\/tlog-proof@v1\nindex ([0-9]+)\n((?:[A-Za-z0-9+/=]{44}\n){0,63})\n([^]*)$/.exec(file.proof) ?? [];
  need(decimal.test(index), "format", "proof");
  return { entries: [entry(file)], first: BigInt(index), path: hashes(path.split("\n").slice(0, -1)), note };
}

function readBatch(file) {
  exactly(file, "format", "entries", "proof", "checkpoint");
  exactly(file.proof, "first", "size", "left", "right");
  const { first, size, left, right } = file.proof;
  need(Array.isArray(file.entries) && file.entries.length > 0 && typeof file.checkpoint === "string", "format", "members");
  need([first, size].every((n) => typeof n === "number" && decimal.test(n)), "format", "proof");
  const entries = file.entries.map((e) => exactly(e, "record", "salt") && entry(e));
  return { entries, first: BigInt(first), size: BigInt(size), left: hashes(left), right: hashes(right), note: file.checkpoint };
}

// exactly takes an object that has these members and no others.
function exactly(value, ...names) {
  const good = value !== null && typeof value === "object" && !Array.isArray(value);
  need(good && Object.keys(value).length === names.length && names.every((n) => Object.hasOwn(value, n)), "format", "members");
  return true;
}

function entry({ record, salt }) {
  const bytes = unbase64(salt, 32);
  need(bytes, "format", "members");
  return { record, salt: bytes };
}

function hashes(list) {
  need(Array.isArray(list), "format", "proof");
  return list.map((text) => {
    const hash = unbase64(text, 32);
    need(hash, "format", "proof");
    return hash;
  });
}

// unbase64 is strict: the same bytes have only one spelling. It gives null for
// any other, and for another size.
function unbase64(text, size) {
  try {
    const raw = typeof text === "string" ? atob(text) : null;
    if (raw === null || btoa(raw) !== text || size !== undefined && raw.length !== size) return null;
    return Uint8Array.from(raw, (c) => c.charCodeAt(0));
  } catch {
    return null;
  }
}

// checkpoint reads origin, size and root of a signed note (c2sp.org/tlog-checkpoint).
function checkpoint(note) {
  const end = note.lastIndexOf("\n\n");
  const [origin, size, root] = end < 0 ? [] : note.slice(0, end).split("\n");
  const hash = unbase64(root, 32);
  need(origin && decimal.test(size) && hash, "format", "checkpoint");
  return { origin, size: BigInt(size), root: hash };
}

const head = /^\{"v":1,"log":"([^"]*)","index":([0-9]+),"code":"([^"\\]{20})","time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)","kind":"([^"]*)"(?:,[^]*)?\}$/;

// leaf is the tree's hash of a record, which must name its place in the log.
async function leaf({ record, salt }, origin, index) {
  const text = JSON.stringify(record);
  const [, log, at, , time, kind] = head.exec(text) ?? [];
  need(kinds.indexOf(kind) > 0 && !isNaN(Date.parse(time)), "record", "head");
  need(log === origin, "record", "log");
  need(at === String(index), "record", "index");
  const hidden = await sha256(utf8("estelam/leaf/v1"), salt, await sha256(utf8(text)));
  return sha256([0, 1, kinds.indexOf(kind)], hidden);
}

const node = (left, right) => sha256([1], left, right);

// climb goes from leaf n of a tree up to its root (RFC 6962, section 2.1.1).
async function climb(n, size, hash, path) {
  need(n < size, "inclusion", "root");
  let used = 0;
  for (let last = size - 1n; last > 0n; n >>= 1n, last >>= 1n) {
    if ((n & 1n) === 0n && n === last) continue; // no sibling on this level
    need(used < path.length, "inclusion", "root");
    hash = (n & 1n) === 1n ? await node(path[used], hash) : await node(hash, path[used]);
    used++;
  }
  need(used === path.length, "inclusion", "root");
  return hash;
}

// span is the root over entries that stand side by side; the hashes of what
// lies left and right of them come from the file.
async function span({ first, left, right }, leaves, size) {
  const last = first + BigInt(leaves.length);
  let lefts = 0, rights = 0;
  const next = (hash) => {
    need(hash, "inclusion", "root");
    return hash;
  };
  const root = async (lo, hi) => {
    if (hi <= first) return next(left[lefts++]);
    if (lo >= last) return next(right[rights++]);
    if (hi - lo === 1n) return leaves[Number(lo - first)];
    let half = 1n;
    while (half * 2n < hi - lo) half *= 2n;
    const below = await root(lo, lo + half);
    return node(below, await root(lo + half, hi));
  };
  const hash = await root(0n, size);
  need(lefts === left.length && rights === right.length, "inclusion", "root");
  return hash;
}

// signed checks the signatures of a note (c2sp.org/signed-note). Those by keys
// that we do not know, such as witnesses', are named but prove nothing; a bad
// one by a key that we know is a failure, also beside a good one.
async function signed(note, origin, keys, native) {
  const end = note.lastIndexOf("\n\n");
  const lines = note.slice(end + 2).split("\n");
  need(lines.pop() === "" && lines.length <= 100 && !/[\x00-\x09\x0b-\x1f]/.test(note), "signature", "note");
  const ours = (await Promise.all([...new Set(keys)].map(readKey))).filter((k) => k?.name === origin);
  need(ours.length > 0, "signature", "no_key");
  const text = utf8(note.slice(0, end + 1)), by = new Set(), others = [];
  for (const line of lines) {
    const [, name, base64] = /^— ([^\p{White_Space}+]+) (\S+)$/u.exec(line) ?? [];
    const data = unbase64(base64);
    need(data && data.length > 4, "signature", "note");
    const key = ours.find((k) => k.name === name && k.id === hex(data.slice(0, 4)));
    if (!key) {
      others.push(name);
    } else if (!by.has(key)) { // of two by one key the first counts
      by.add(key);
      need(data.length === 68 && await ed25519(key.bytes, text, data.slice(4), native), "signature", "forged");
    }
  }
  need(by.size > 0, "signature", "unsigned");
  return { keys: [...by].map((k) => k.text), others };
}

// readKey reads a public key, "name+id+base64"; null if it is none.
export async function readKey(text) {
  const [, name, id, base64] = /^([^\p{White_Space}+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text) ?? [];
  const bytes = unbase64(base64, 33);
  if (!bytes || bytes[0] !== 1 || hex((await sha256(utf8(`${name}\n`), bytes)).slice(0, 4)) !== id) return null;
  return { name, id, text, bytes: bytes.slice(1) };
}

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const same = (a, b) => hex(a) === hex(b);

function join(parts) {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all;
}

const digest = async (name, parts) => new Uint8Array(await crypto.subtle.digest(name, join(parts)));
const sha256 = (...parts) => digest("SHA-256", parts);

async function ed25519(key, message, signature, native) {
  if (native) {
    try {
      const k = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
      return await crypto.subtle.verify("Ed25519", k, signature, message);
    } catch {
      // A browser from before 2025 does not know Ed25519: reckon it ourselves.
    }
  }
  return reckon(key, message, signature);
}

// reckon verifies Ed25519 by the book (RFC 8032), with points as [X, Y, Z, T],
// x = X/Z, y = Y/Z, xy = T/Z. All that it sees is public: it may take its time.
async function reckon(key, message, signature) {
  const P = 2n ** 255n - 19n, order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const mod = (a) => (a % P + P) % P;
  const power = (base, e) => {
    let r = 1n;
    for (; e > 0n; e >>= 1n, base = base * base % P) if (e & 1n) r = r * base % P;
    return r;
  };
  const inverse = (a) => power(mod(a), P - 2n);
  const D = mod(-121665n * inverse(121666n));
  const add = (a, b) => {
    const e = (a[1] - a[0]) * (b[1] - b[0]), f = (a[1] + a[0]) * (b[1] + b[0]), c = 2n * a[3] * b[3] * D, d = 2n * a[2] * b[2];
    const w = mod(f - e), x = mod(d - c), y = mod(d + c), z = mod(f + e);
    return [w * x % P, y * z % P, x * y % P, w * z % P];
  };
  const times = (n, point) => {
    let r = [0n, 1n, 1n, 0n];
    for (; n > 0n; n >>= 1n, point = add(point, point)) if (n & 1n) r = add(r, point);
    return r;
  };
  const number = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);
  const decompress = (bytes) => {
    const y = number(bytes) & (1n << 255n) - 1n, odd = BigInt(bytes[31] >> 7);
    const x2 = mod((y * y - 1n) * inverse(D * y * y + 1n));
    let x = power(x2, (P + 3n) / 8n);
    if (mod(x * x - x2)) x = x * power(2n, (P - 1n) / 4n) % P;
    if (y >= P || mod(x * x - x2) || !x && odd) return null; // no point of the curve
    if ((x & 1n) !== odd) x = P - x;
    return [x, y, 1n, x * y % P];
  };
  const compress = ([X, Y, Z]) => {
    const z = inverse(Z), bytes = mod(Y * z) | (mod(X * z) & 1n) << 255n;
    return bytes.toString(16).padStart(64, "0");
  };
  const base = decompress(Uint8Array.from({ length: 32 }, (_, i) => i ? 0x66 : 0x58)); // y = 4/5
  const A = decompress(key), s = number(signature.slice(32));
  if (!A || s >= order) return false;
  const k = number(await digest("SHA-512", [signature.slice(0, 32), key, message])) % order;
  const sum = add(times(s, base), times(k, [mod(-A[0]), A[1], 1n, mod(-A[3])]));
  return compress(sum) === hex(Uint8Array.from(signature.slice(0, 32)).reverse());
}

// The page. Its words, keys and templates stand in the HTML, in the reader's
// language; this makes the finding of them. Nothing here sends anything.

const shownAtOnce = 100; // records of a batch

function begin(form) {
  const page = JSON.parse(document.getElementById("receipt-words").textContent);
  const finding = document.getElementById("finding");
  document.querySelectorAll("[data-script]").forEach((e) => { e.hidden = e.dataset.script === "off"; });

  const show = (name, put) => {
    const part = document.getElementById(`receipt-${name}`).content.cloneNode(true);
    put?.(part);
    finding.replaceChildren(part);
    finding.querySelector("[tabindex]").focus();
  };
  const run = async (data) => {
    finding.setAttribute("aria-busy", "true");
    try {
      if (!globalThis.crypto?.subtle) return show("unable", fill({ why: page.words["why.insecure"] }));
      const given = form.elements.keys.value.split("\n").map((l) => l.trim()).filter((l) => l && !l.startsWith("#"));
      if ((await Promise.all(given.map(readKey))).includes(null)) return show("unable", fill({ why: page.words["why.bad_key"] }));
      const found = await verify(await data(), given.length > 0 ? given : page.keys);
      show("genuine", (part) => tell(part, found, given.length > 0, page));
    } catch (e) {
      const known = e instanceof Failure;
      show(known ? "false" : "unable", fill({ why: page.words[known ? `why.${e.why}` : "why.unread"], step: page.words[`step.${e.step}`] }));
    } finally {
      finding.removeAttribute("aria-busy");
    }
  };
  const ofFile = (file) => run(async () => {
    need(file.size <= maxSize, "format", "large");
    return new Uint8Array(await file.arrayBuffer());
  });

  // Before the page's common script, which would take the form for sent.
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    e.stopPropagation();
    const [file] = form.elements.file.files, text = form.elements.text.value;
    if (text.trim()) run(async () => utf8(text));
    else if (file) ofFile(file);
    else show("unable", fill({ why: page.words["why.nothing"] }));
  });
  form.elements.file.addEventListener("change", (e) => {
    if (e.target.files[0]) ofFile(e.target.files[0]);
  });
  form.addEventListener("dragover", (e) => {
    if (!e.dataTransfer.types.includes("Files")) return;
    e.preventDefault();
    form.classList.add("over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (e) => {
    form.classList.remove("over");
    if (!e.dataTransfer.files[0]) return;
    e.preventDefault();
    ofFile(e.dataTransfer.files[0]);
  });

  navigator.serviceWorker?.register("/offline.js", { scope: "/receipt" }).then(() => navigator.serviceWorker.ready).then(() => {
    document.querySelectorAll("[data-offline]").forEach((e) => { e.hidden = false; });
  }, () => {}); // without it the page works as long as there is a network
}

// fill writes texts into the places of a template that bear their names. All
// is text: nothing of a file ever becomes HTML.
function fill(texts) {
  return (part) => part.querySelectorAll("[data-put]").forEach((e) => { e.textContent = texts[e.dataset.put] ?? ""; });
}

// tell fills in what a genuine file says.
function tell(part, found, ownKey, page) {
  const { words, lang } = page, [first] = found.records;
  fill({
    means: words[found.batch ? "means.batch" : "means.one"].replace("{0}", digits(lang, found.records.length)),
    code: first.code.replace(/(\d{4})(?=\d)/g, "$1 "),
    kind: words[`value.kind.${first.kind}`], time: moment(lang, first.time), log: found.origin,
    place: words.place.replace("{0}", digits(lang, first.index + 1)).replace("{1}", digits(lang, found.size)),
    root: hex(found.root), key: found.keys.join("\n"), whose: words[ownKey ? "key.yours" : "key.page"],
    others: found.others.join("\n"),
  })(part);
  part.querySelectorAll("[data-one]").forEach((e) => { e.hidden = found.batch; });
  part.querySelector("[data-others]").hidden = found.others.length === 0;
  const content = part.querySelector("[data-content]"), more = part.querySelector("[data-more]");
  if (!found.batch) {
    content.append(members(first, page, ["code", "time", "kind"])); // which stand above
    return;
  }
  let from = 0;
  const next = () => {
    content.append(...found.records.slice(from, from += shownAtOnce).map((r) => folded(r, page)));
    more.hidden = from >= found.records.length;
  };
  more.addEventListener("click", next);
  next();
}

// folded is one record of a batch, to be opened.
function folded(record, page) {
  const box = element("details"), line = element("summary", `${digits(page.lang, record.index + 1)} · ${page.words[`value.kind.${record.kind}`]} · `);
  line.append(element("bdi", record.code));
  box.append(line, members(record, page));
  return box;
}

// members lists what a record says, each member with its label.
function members(record, page, but = []) {
  const list = element("dl");
  list.className = "facts";
  const add = (labels, value) => {
    if (value !== null && typeof value === "object" && (!Array.isArray(value) || value.some((v) => v !== null && typeof v === "object"))) {
      for (const [name, inner] of Object.entries(value)) add([...labels, Array.isArray(value) ? digits(page.lang, Number(name) + 1) : name], inner);
      return;
    }
    const name = labels.findLast((l) => page.words[`member.${l}`]) ?? "", row = element("div"), text = element("dd");
    const said = (Array.isArray(value) ? value : [value]).map((v) => word(name, v, page)).join(page.lang === "fa" ? "، " : ", ");
    text.append(element("bdi", said));
    row.append(element("dt", labels.map((l) => page.words[`member.${l}`] ?? l).join(" › ")), text);
    list.append(row);
  };
  for (const [name, value] of Object.entries(record)) if (!["v", "log", "index", ...but].includes(name)) add([name], value);
  return list;
}

// word is a value as people read it; code words without a text stay as they are.
function word(name, value, { words, lang }) {
  if (value === null) return "–";
  if (typeof value === "boolean") return words[value ? "yes" : "no"];
  const text = String(value);
  if (name === "time") return moment(lang, text);
  if (lang === "fa" && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return digits(lang, text.replaceAll("-", "/"));
  return words[`value.${name}.${text}`] ?? words[`value.${text.replaceAll("-", "_")}`] ?? words[`member.${text}`] ??
    (/^-?[0-9][0-9/.-]*$/.test(text) ? digits(lang, text) : text);
}

const digits = (lang, s) => lang === "fa" ? String(s).replace(/[0-9]/g, (d) => String.fromCharCode(0x6f0 + Number(d))) : String(s);

function moment(lang, time) {
  const to = { timeZone: "Asia/Tehran", dateStyle: "long", timeStyle: "medium" };
  return new Intl.DateTimeFormat(lang === "fa" ? "fa-IR-u-ca-persian" : "en-GB-u-ca-persian", to).format(new Date(time));
}

function element(name, text = "") {
  const e = document.createElement(name);
  e.textContent = text;
  return e;
}

if (typeof document !== "undefined" && document.getElementById("receipt")) begin(document.getElementById("receipt"));
