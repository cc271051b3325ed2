// The pages work without this script. It adds: partial updates for links and
// forms marked data-swap, one submit per form, a live digit count for codes,
// copying and printing.
"use strict";
(() => {
  const doc = document;
  const latin = (s) => s.replace(/[\u06f0-\u06f9]/g, (d) => d.charCodeAt(0) - 0x6f0).replace(/[\u0660-\u0669]/g, (d) => d.charCodeAt(0) - 0x660);
  const persian = (s) => String(s).replace(/\d/g, (d) => String.fromCharCode(0x6f0 + Number(d)));
  const local = (s) => (doc.documentElement.lang === "fa" ? persian(s) : String(s));

  const here = () => location.pathname + location.search;
  let at = here();

  // revive shows the controls that only a script can serve and prepares inputs below root.
  function revive(root) {
    root.querySelectorAll("[data-copy],[data-print],[data-all]").forEach((b) => { b.hidden = false; });
    root.querySelectorAll("input[data-code]").forEach(count);
    root.querySelectorAll("[data-hash]").forEach(fromHash);
    root.querySelectorAll(".file input").forEach(named);
    root.dispatchEvent(new Event("revive", { bubbles: true })); // field.js listens
  }

  // fromHash fills in the code that a letter's QR symbol brought behind "#", and
  // takes it out of the address.
  function fromHash(part) {
    const code = location.hash.slice(1), input = doc.getElementById(part.dataset.hash);
    if (!input || input.value || !/^\d{10,20}$/.test(code)) return;
    input.value = code.replace(/(\d{4})(?=\d)/g, "$1 ");
    history.replaceState({}, "", here());
  }

  function count(input) {
    const out = doc.getElementById(input.dataset.code);
    const digits = latin(input.value).replace(/\D/g, "").length;
    if (out) out.textContent = digits ? out.dataset.text.replace("{0}", local(digits)) : "";
  }

  // named says in the page's language which file is chosen, in place of the
  // browser's words. What would turn the writing round is left out: a name shows
  // its true ending.
  function named(input) {
    const said = input.parentElement.querySelector(".file-name"), [file] = input.files;
    said.textContent = file ? file.name.replace(/[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "") : said.dataset.none;
    said.hidden = false;
    input.parentElement.classList.add("named");
  }

  // group writes a pasted or finished code in fours, left as typed if it is no code.
  function group(input) {
    const plain = latin(input.value).replace(/[\s\-–—\u200e\u200f\u2066-\u2069]/g, "");
    if (/^\d{20}$/.test(plain)) input.value = plain.replace(/(\d{4})(?=\d)/g, "$1 ");
    count(input);
  }

  // swap replaces the element id of this page by the one of the fetched page,
  // keeps what was typed into inputs of the same name, and moves the focus.
  async function swap(id, url, options) {
    const answer = await fetch(url, { credentials: "same-origin", ...options });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = next.getElementById(id), old = doc.getElementById(id);
    if (!fresh || !old) throw new Error("page has no such part");
    if (!options) keep(old, fresh);
    old.replaceWith(fresh);
    doc.title = next.title;
    history.pushState({}, "", answer.url);
    at = here();
    revive(fresh);
    const target = fresh.querySelector("[data-focus]") || fresh;
    target.setAttribute("tabindex", "-1");
    target.focus();
  }

  function keep(old, fresh) {
    old.querySelectorAll("input[type=text][name],select[name]").forEach((was) => {
      const now = fresh.querySelector(`[name="${CSS.escape(was.name)}"]`);
      if (now && was.value) now.value = was.value;
    });
  }

  doc.addEventListener("click", (e) => {
    const el = e.target.closest("[data-copy],[data-print],[data-all],a[data-swap]");
    if (!el) return;
    if (el.matches("a[data-swap]")) {
      if (e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
      e.preventDefault();
      swap(el.dataset.swap, el.href).catch(() => location.assign(el.href));
    } else if ("copy" in el.dataset) {
      navigator.clipboard.writeText(el.dataset.copy).then(() => {
        const said = doc.getElementById("said");
        if (said) said.textContent = el.dataset.done;
        el.querySelector("span").textContent = el.dataset.done;
      }, () => {});
    } else if ("print" in el.dataset) {
      window.print();
    } else {
      const boxes = [...el.closest("fieldset").querySelectorAll("input[type=checkbox]")];
      const on = boxes.some((b) => !b.checked);
      boxes.forEach((b) => { b.checked = on; });
    }
  });

  doc.addEventListener("submit", (e) => {
    const form = e.target;
    const button = e.submitter || form.querySelector("button[type=submit]");
    if (form.dataset.sent) { e.preventDefault(); return; }
    form.querySelectorAll("input[data-code]").forEach(group);
    if (form.dataset.swap && doc.getElementById(form.dataset.swap)) {
      e.preventDefault();
      const body = new URLSearchParams(new FormData(form));
      swap(form.dataset.swap, form.action, { method: "POST", body }).catch(() => form.submit());
      return;
    }
    form.dataset.sent = "1";
    if (button) button.setAttribute("aria-disabled", "true");
  });

  doc.addEventListener("input", (e) => { if (e.target.matches("input[data-code]")) count(e.target); });
  doc.addEventListener("change", (e) => {
    if (e.target.matches("input[data-code]")) group(e.target);
    if (e.target.matches(".file input")) named(e.target);
  });
  // Going back over a partial update loads the page anew; a jump within the
  // page does not.
  window.addEventListener("popstate", () => { if (here() !== at) location.reload(); });
  window.addEventListener("pageshow", () => {
    doc.querySelectorAll("form").forEach((f) => { delete f.dataset.sent; });
    doc.querySelectorAll("button[aria-disabled]").forEach((b) => b.removeAttribute("aria-disabled"));
  });

  // A page that watches something looks again by itself, unless somebody is at
  // work in it: only its main part is replaced, and the focus stays.
  const watched = doc.querySelector("main[data-refresh]");
  if (watched) {
    setTimeout(function again() {
      const main = doc.getElementById("main");
      if (main.contains(doc.activeElement) && doc.activeElement !== main) { setTimeout(again, 5000); return; }
      fetch(location.href, { credentials: "same-origin" }).then((r) => r.text()).then((text) => {
        const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
        if (!fresh) { location.reload(); return; }
        main.replaceWith(fresh);
        revive(fresh);
        if (fresh.dataset.refresh) setTimeout(again, 1000 * fresh.dataset.refresh);
      }, () => setTimeout(again, 10000));
    }, 1000 * watched.dataset.refresh);
  }

  revive(doc);
  doc.querySelector("[data-focus]")?.focus();
})();
