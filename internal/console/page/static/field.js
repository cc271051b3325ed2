// Fields that help: Jalali dates (their calendar is in calendar.js), check
// digits while they are typed, a number found in untidy text that is pasted, a
// question before an act that cannot be taken back, a warning before a long
// form is lost.
//
// Nothing here decides: the server checks all of it again, and every form works
// without this file. What is said stands below the field, politely, and never
// blocks. Calendar and check digits are those of the Go packages persian and
// ids; a test holds both against each other. Texts come from #words.
"use strict";
(() => {
  const first = 1178, last = 1501, epoch = -62377; // years; 1178/1/1 in days since 1970-01-01
  const leap = (y) => [1, 5, 9, 13, 17, 22, 26, 30].includes(y % 33);
  const monthDays = (y, m) => (m <= 6 ? 31 : m <= 11 || leap(y) ? 30 : 29);
  const starts = [0];
  for (let y = first; y <= last; y++) starts.push(starts.at(-1) + (leap(y) ? 366 : 365));

  // days counts from 1178/1/1, which is 0; onDay is its inverse.
  const days = ([y, m, d]) => starts[y - first] + 31 * (m - 1) - Math.max(m - 7, 0) + d - 1;
  const onDay = (n) => {
    let y = Math.floor(n / 366);
    while (n >= starts[y + 1]) y++;
    n -= starts[y];
    return n < 186 ? [first + y, Math.floor(n / 31) + 1, (n % 31) + 1] : [first + y, 7 + Math.floor((n - 186) / 30), ((n - 186) % 30) + 1];
  };
  const weekday = (n) => (n + epoch + 70000 + 5) % 7; // Saturday is 0; 70000 is whole weeks and keeps it positive
  const today = () => Math.floor((Date.now() / 1000 + 12600) / 86400) - epoch; // in Tehran

  // ascii folds the decimal digits of every script: in Unicode they stand in
  // rows of ten. Marks of direction and half-spaces go.
  const ascii = (s) => s.replace(/[\u200b-\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/g, "").replace(/\p{Nd}/gu, (c) => {
    let at = c.codePointAt(0), n = 0;
    while (/\p{Nd}/u.test(String.fromCodePoint(at - 1))) at--, n++;
    return n % 10;
  }).trim();
  const letters = (s) => s.toLowerCase().replace(/\u064a/g, "\u06cc").replace(/\u0643/g, "\u06a9").replace(/\u0622/g, "\u0627");

  // parse reads a typed date as Go's ParseDate does, and more kinds of space
  // and marks between its parts. It gives [year, month, day], 0 for what is not
  // known, or why not.
  function parse(text, months = []) {
    const s = ascii(text);
    const named = s.match(/^(\d{1,2})\s*(\p{L}+)\s*(\d{4})$/u);
    if (named) {
      const at = months.findIndex((m) => letters(m) === letters(named[2]));
      return at < 0 || +named[1] < 1 ? { why: "form" } : calendar(+named[3], (at % 12) + 1, +named[1]);
    }
    const whole = s.match(/^(\d{4})(\d\d)(\d\d)$/);
    const parts = whole ? whole.slice(1) : s.split(/\s*[/.\-\u2010-\u2015\u2212\u060c,\u066b]\s*|\s+/);
    const shape = parts.every((p) => /^\d+$/.test(p)) && parts.map((p) => (p.length < 3 ? 2 : p.length)).join();
    if (["4", "4,2", "4,2,2"].includes(shape)) return calendar(+parts[0], +(parts[1] || 0), +(parts[2] || 0));
    if (shape === "2,2,4" && +parts[2] < 1799) return calendar(+parts[2], +parts[1], +parts[0]);
    return { why: "form" };
  }

  function calendar(y, m, d) {
    if (y >= 1799 && y <= 2123) { // Gregorian; no year is both
      if (!m || !d) return { why: "form" };
      const t = new Date(Date.UTC(y, m - 1, d)), n = t / 864e5 - epoch;
      if (t.getUTCMonth() !== m - 1 || t.getUTCDate() !== d) return { why: "impossible" };
      return n < 0 || n >= starts.at(-1) ? { why: "year" } : { date: onDay(n) };
    }
    if (y < first || y > last) return { why: "year" };
    if (m > 12 || (!m && d)) return { why: "impossible" };
    return m && d > monthDays(y, m) ? { why: "impossible", y, m } : { date: [y, m, d] };
  }

  const written = ([y, m, d]) => [y, m, d].filter(Boolean).map((n) => String(n).padStart(2, "0")).join("/");

  // The numbers: how long they are, and what is wrong with one of that length.
  const sum = (s, f) => [...s].reduce((all, c, i) => all + f(+c, i), 0);
  const same = (s) => /^(.)\1*$/.test(s);
  const numbers = {
    national: { long: 10, wrong: (s) => {
      const r = sum(s.slice(0, 9), (d, i) => d * (10 - i)) % 11;
      return same(s) ? "same" : +s[9] === (r < 2 ? r : 11 - r) ? "" : "check";
    } },
    legal: { long: 11, wrong: (s) => {
      const r = sum(s.slice(0, 10), (d, i) => (d + +s[9] + 2) * [29, 27, 23, 19, 17][i % 5]) % 11 % 10;
      return same(s) ? "same" : +s[10] === r ? "" : "check";
    } },
    postal: { long: 10, wrong: (s) => (/[02]/.test(s.slice(0, 5)) ? "area" : "") },
    code: { long: 20, wrong: (s) => (mod97(s) ? "" : mod97(backwards(s)) ? "reversed" : "check") },
  };
  const mod97 = (s) => s[0] !== "0" && 98 - [...s.slice(0, 18), 0, 0].reduce((r, c) => (r * 10 + +c) % 97, 0) === +s.slice(18);
  const fours = (s) => s.match(/\d{4}/g);
  const backwards = (s) => fours(s).reverse().join("");
  const unusual = (s) => (s[4] === "5" ? "fifth" : same(s.slice(0, 4)) ? "same" : /00000$/.test(s) ? "zeros" : "");

  // find takes a number out of the text around it: the neighbouring groups of
  // digits that together are as long as it is, at best with right check digits.
  function find(kind, text) {
    const { long, wrong } = numbers[kind], found = [];
    for (const run of ascii(text).split(/[^\d\s/.\-_\u0640\u2010-\u2015\u2212]+/)) {
      const groups = run.match(/\d+/g) || [];
      for (let i = 0; i < groups.length; i++) {
        for (let j = i, s = ""; j < groups.length && s.length < long; j++) {
          s += groups[j];
          if (s.length === long) found.push(s);
        }
      }
    }
    return found.find((s) => !wrong(s)) || found[0] || "";
  }

  if (typeof document === "undefined") { // the test's Node
    module.exports = { parse, written, days, onDay, monthDays, weekday, find, ascii, unusual, wrong: (k, s) => numbers[k].wrong(s) };
    return;
  }

  const doc = document, words = doc.getElementById("words");
  if (!words) return;
  const word = (name, ...args) => args.reduce((s, a, i) => s.replace(`{${i}}`, a), words.getAttribute("data-" + name) || "");
  const list = (name) => word(name).split("|");
  const local = (s) => (doc.documentElement.lang === "fa" ? String(s).replace(/\d/g, (d) => String.fromCharCode(0x6f0 + +d)) : String(s));
  const months = list("months"), weekdays = list("weekdays"), known = [...list("months-fa"), ...months];
  const inWords = (date) => word("day", weekdays[weekday(days(date))], local(date[2]), months[date[1] - 1], local(date[0]));

  function element(name, attributes = {}, ...inside) {
    const e = doc.createElement(name);
    for (const key in attributes) e.setAttribute(key, attributes[key]);
    e.append(...inside);
    return e;
  }

  function icon(path) {
    const name = "http://www.w3.org/2000/svg", svg = doc.createElementNS(name, "svg"), p = doc.createElementNS(name, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    p.setAttribute("d", path);
    svg.append(p);
    return svg;
  }
  const icons = {
    ok: "M5 12.5l4.5 4.5L19 7.5", warn: "M12 3.5L22 20.5H2zM12 10v4.5M12 17.4v.1", info: "M12 3a9 9 0 110 18 9 9 0 010-18M12 11v5.5M12 7.6v.1",
    calendar: "M4 6h16v14H4zM4 10.5h16M8.5 3.5V8M15.5 3.5V8",
  };

  // tell says something below a field; nothing takes it back.
  function tell(input, tone, text) {
    const p = doc.getElementById(input.id + "-tell");
    if (!p || p.textContent === (text || "")) return;
    p.className = "tell " + (tone || "");
    p.replaceChildren(...(text ? [icon(icons[tone]), element("span", {}, text)] : []));
  }

  // prepare gives the fields below root their place to speak, and dates their button.
  function prepare(root) {
    root.querySelectorAll("input[data-date],input[data-check]").forEach((input) => {
      if (!input.id || doc.getElementById(input.id + "-tell")) return;
      const p = element("p", { id: input.id + "-tell", role: "status" });
      p.className = "tell";
      let last = input;
      if ("date" in input.dataset) {
        const focused = doc.activeElement === input;
        last = element("div");
        last.className = "datebox";
        input.replaceWith(last);
        const button = element("button", { type: "button", "aria-haspopup": "dialog", "aria-label": word("open", label(input)) }, icon(icons.calendar));
        button.addEventListener("click", () => open(input));
        last.append(input, button);
        if (focused) input.focus();
      }
      last.after(p);
      input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), p.id].filter(Boolean).join(" "));
      if (input.value && !input.hasAttribute("aria-invalid")) check(input, "date" in input.dataset);
    });
  }

  // tidy is a number as the page writes it; codes stand in groups of four, as printed.
  const tidy = (kind, s) => (kind === "code" ? fours(s).join(" ") : local(s));
  const label = (input) => (input.labels[0] ? input.labels[0].textContent.trim() : "");

  // check says what is known of a field's value; over means that typing has ended.
  function check(input, over) {
    if ("date" in input.dataset) checkDate(input, over);
    else if (numbers[input.dataset.check]) checkNumber(input, input.dataset.check, over);
  }

  function checkDate(input, over) {
    const { date, why, y, m } = parse(input.value, known);
    if (!input.value.trim() || (!over && (why || !date[2]))) return tell(input);
    if (why) return tell(input, "warn", y ? word("month-long", months[m - 1], local(y), local(monthDays(y, m))) : word("date-" + why));
    if (over) input.value = local(written(date));
    if (!date[2]) return tell(input, "info", date[1] ? word("no-day", months[date[1] - 1], local(date[0])) : word("no-month", local(date[0])));
    const future = days(date) > today();
    tell(input, "info", inWords(date) + (future ? " " + word("future") : ""));
  }

  function checkNumber(input, kind, over) {
    let s = ascii(input.value).replace(/[\s\-\u2010-\u2015\u2212]/g, "");
    const found = over && find(kind, input.value);
    if (found) {
      s = found;
      if (/\P{Nd}/u.test(input.value)) input.value = tidy(kind, s);
    }
    const { long, wrong } = numbers[kind], clean = /^\d*$/.test(s);
    if (!s || (!over && (!clean || s.length < long))) return tell(input);
    const why = !clean ? "digits" : s.length !== long ? "length" : wrong(s);
    if (why) return tell(input, "warn", word(kind + "-" + why, fours(backwards(s.padEnd(20, "0"))).join(" ")));
    if (kind !== "postal") return tell(input, "ok", word("right"));
    tell(input, unusual(s) && "warn", unusual(s) && word("postal-" + unusual(s)));
  }

  const helped = (e) => e.target instanceof HTMLInputElement && e.target.matches("input[data-date],input[data-check]");
  doc.addEventListener("input", (e) => { if (helped(e)) check(e.target, false); });
  doc.addEventListener("change", (e) => { if (helped(e)) check(e.target, true); });
  doc.addEventListener("revive", (e) => prepare(e.target));

  // A paste into an empty field leaves only the number or date of the text:
  // what stands around it might not fit in.
  doc.addEventListener("paste", (e) => {
    const input = e.target;
    if (!helped(e) || (input.value && input.selectionEnd - input.selectionStart < input.value.length)) return;
    const text = e.clipboardData.getData("text");
    let got = "";
    if (input.dataset.check) got = numbers[input.dataset.check] && find(input.dataset.check, text);
    else if (parse(text, known).why) got = (ascii(text).match(/\d{4}([/.-])\d{1,2}\1\d{1,2}|\d{1,2}([/.-])\d{1,2}\2\d{4}/) || [""])[0];
    if (!got) return;
    e.preventDefault();
    input.value = tidy(input.dataset.check, got);
    for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
  });

  // open shows the calendar, which is fetched when it is first wanted.
  let calendarOf;
  async function open(input) {
    calendarOf ??= (await import(word("calendar"))).calendar(kit);
    calendarOf(input, word("open", label(input)), parse(input.value, known).date);
  }
  const kit = { first, last, starts, days, onDay, monthDays, weekday, today, written, word, list, local, months, weekdays, inWords, element, icon };

  // A form marked data-ask asks first. It listens before script.js does, which
  // would take the form for sent.
  doc.addEventListener("submit", (e) => {
    const form = e.target, from = e.submitter;
    if (!form.dataset.ask || form.dataset.asked) {
      delete form.dataset.asked;
      form.removeAttribute("data-changed");
      return;
    }
    e.preventDefault();
    e.stopPropagation();
    const text = element("p", { id: "asked" }, form.dataset.ask), row = element("form", { method: "dialog" });
    row.className = "row";
    const yes = element("button", { value: "yes" }, word("yes")), no = element("button", { autofocus: "" }, word("no"));
    yes.className = "button";
    no.className = "button ghost";
    row.append(yes, no);
    const question = element("dialog", { "aria-labelledby": "asked", role: "alertdialog" }, text, row);
    question.className = "question";
    question.addEventListener("submit", (inner) => inner.stopPropagation());
    question.addEventListener("close", () => {
      question.remove();
      if (question.returnValue !== "yes") return;
      form.dataset.asked = "1";
      form.requestSubmit(from);
    });
    doc.body.append(question);
    question.showModal();
  }, true);

  // A long form that was changed and not sent warns before it is left.
  doc.addEventListener("input", (e) => { e.target.closest("form[data-guard]")?.setAttribute("data-changed", ""); });
  window.addEventListener("beforeunload", (e) => { if (doc.querySelector("form[data-changed]")) e.preventDefault(); });

  prepare(doc);
})();
