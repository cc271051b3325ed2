// Passkeys: a form marked data-passkey asks its address for options, has the
// browser make or use a passkey, and is sent with the answer. Where the browser
// has no passkeys, such a form stays hidden.
"use strict";
(() => {
  const PKC = window.PublicKeyCredential;
  if (!PKC || !PKC.parseRequestOptionsFromJSON || !PKC.parseCreationOptionsFromJSON) return;

  function say(form, text) {
    const part = form.querySelector("[data-say]");
    part.hidden = !text;
    part.querySelector("strong").textContent = text;
    if (text) part.focus();
  }

  async function run(form) {
    const body = new URLSearchParams(new FormData(form));
    const begun = await fetch(form.dataset.passkey, { method: "POST", credentials: "same-origin", body });
    const told = await begun.json();
    if (!begun.ok) { say(form, told.wrong); return; }
    const make = form.dataset.make !== undefined;
    const credential = make
      ? await navigator.credentials.create({ publicKey: PKC.parseCreationOptionsFromJSON(told.options) })
      : await navigator.credentials.get({ publicKey: PKC.parseRequestOptionsFromJSON(told.options) });
    form.elements.ceremony.value = told.id;
    form.elements.answer.value = JSON.stringify(credential.toJSON());
    form.submit();
  }

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation(); // it is sent later
      const button = form.querySelector("button[type=submit]");
      if (button.getAttribute("aria-disabled")) return;
      button.setAttribute("aria-disabled", "true");
      say(form, "");
      run(form).catch(() => say(form, form.dataset.failed)).finally(() => button.removeAttribute("aria-disabled"));
    });
  });
})();
