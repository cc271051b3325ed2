// The calendar of a date field: the date picker dialog of the ARIA Authoring
// Practices, for the Jalali calendar, with the week's first day Saturday.
//
//	arrows              a day or a week on; mirrored where text runs from the right
//	Home, End           the ends of the week
//	PageUp, PageDown    a month on; with Shift a year
//	Enter, Space        take the day
//	Esc                 leave; the focus returns to where it was
//
// A year and a month are chosen from lists, so that a birth date is near. kit is
// what field.js knows of dates, words and elements.
export function calendar(kit) {
  const { first, last, starts, days, onDay, monthDays, weekday, today, written, word, list, local, months, weekdays, inWords, element, icon } = kit;
  const rtl = document.documentElement.dir === "rtl";
  const arrows = ["M15 5l-7 7 7 7", "M9 5l7 7-7 7"];
  if (rtl) arrows.reverse();
  let dialog, target, at, chosen, title, month, year, body; // at is the day that has the focus

  function open(input, name, date) {
    if (!dialog) build();
    target = input;
    chosen = date && date[2] ? days(date) : -1;
    at = date ? days([date[0], date[1] || 1, date[2] || 1]) : today();
    dialog.setAttribute("aria-label", name);
    dialog.showModal();
    go(at);
  }

  function build() {
    const button = (name, text, act, ...inside) => {
      const b = element("button", { type: "button", ...(inside.length ? { "aria-label": text } : {}) }, ...(inside.length ? inside : [text]));
      b.className = name;
      b.addEventListener("click", act);
      return b;
    };
    const choose = (name, all) => {
      const s = element("select", { "aria-label": word(name) }, ...all.map(([value, text]) => element("option", { value }, text)));
      s.addEventListener("change", () => go(days(clamp(+year.value, +month.value, onDay(at)[2])), false));
      return s;
    };
    title = element("h2", { "aria-live": "polite" });
    month = choose("month", months.map((m, i) => [i + 1, m]));
    year = choose("year", starts.slice(1).map((_, i) => [first + i, local(first + i)]));
    body = element("tbody");
    const head = element("tr", {}, ...weekdays.map((w, i) => element("th", { scope: "col", abbr: w }, list("weekdays-short")[i])));
    const grid = element("table", { role: "grid", "aria-describedby": "keys" }, element("thead", {}, head), body);
    const turn = element("div", {}, button("button ghost", word("before"), () => move(-1, false), icon(arrows[0])),
      month, year, button("button ghost", word("after"), () => move(1, false), icon(arrows[1])));
    const end = element("div", {}, button("button ghost", word("today"), () => take(today())), button("button ghost", word("close"), () => dialog.close()));
    turn.className = end.className = "turn";
    const keys = element("p", { id: "keys" }, word("keys"));
    keys.className = "hush";
    dialog = element("dialog", {}, title, turn, grid, end, keys);
    dialog.className = "calendar";
    dialog.addEventListener("click", (e) => {
      const day = e.target.closest("button[data-day]");
      if (day) take(+day.dataset.day);
      else if (e.target === dialog) dialog.close();
    });
    body.addEventListener("keydown", press);
    document.body.append(dialog);
  }

  const clamp = (y, m, d) => {
    y = Math.min(Math.max(y, first), last);
    return [y, m, Math.min(d, monthDays(y, m))];
  };

  // move goes on by months and keeps the day where it can.
  function move(n, focus) {
    const [y, m, d] = onDay(at), all = y * 12 + m - 1 + n;
    go(days(clamp(Math.floor(all / 12), (all % 12) + 1, d)), focus);
  }

  // go shows the month of a day, and moves the focus there.
  function go(n, focus = true) {
    at = Math.min(Math.max(n, 0), starts.at(-1) - 1);
    const [y, m] = onDay(at), begin = days([y, m, 1]), rows = [];
    for (let w = begin - weekday(begin); rows.length < 6; w += 7) {
      rows.push(element("tr", {}, ...weekdays.map((_, i) => cell(w + i, begin, begin + monthDays(y, m)))));
    }
    body.replaceChildren(...rows);
    const text = months[m - 1] + " " + local(y);
    if (title.textContent !== text) title.textContent = text;
    month.value = m;
    year.value = y;
    if (focus) body.querySelector('[tabindex="0"]').focus();
  }

  function cell(n, begin, end) {
    if (n < begin || n >= end) return element("td");
    const date = onDay(n);
    const day = element("button", { type: "button", "data-day": n, tabindex: n === at ? 0 : -1, "aria-label": inWords(date) }, local(date[2]));
    if (n === today()) day.setAttribute("aria-current", "date");
    return element("td", { role: "gridcell", "aria-selected": n === chosen }, day);
  }

  function press(e) {
    const forward = rtl ? "ArrowLeft" : "ArrowRight", back = rtl ? "ArrowRight" : "ArrowLeft";
    const steps = { [forward]: 1, [back]: -1, ArrowDown: 7, ArrowUp: -7, Home: -weekday(at), End: 6 - weekday(at) };
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    if (e.key in steps) go(at + steps[e.key]);
    else if (e.key === "PageUp" || e.key === "PageDown") move((e.key === "PageUp" ? -1 : 1) * (e.shiftKey ? 12 : 1), true);
    else return;
    e.preventDefault();
  }

  function take(n) {
    target.value = local(written(onDay(n)));
    dialog.close();
    for (const kind of ["input", "change"]) target.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  return open;
}
