// How far a file is on its way: for forms with a file, where a script runs.
"use strict";
(() => {
  const local = (n) => (document.documentElement.lang === "fa" ? String(n).replace(/\d/g, (d) => String.fromCharCode(0x6f0 + Number(d))) : String(n));
  document.querySelectorAll("form[enctype='multipart/form-data']").forEach((form) => {
    form.addEventListener("submit", (e) => {
      const file = form.querySelector("input[type=file]");
      if (!file || !file.files.length || !window.XMLHttpRequest) return;
      e.preventDefault();
      const bar = document.createElement("progress"), said = document.createElement("p"), box = document.createElement("div");
      const button = form.querySelector("button[type=submit]");
      const name = form.querySelector("label");
      bar.max = 100;
      bar.value = 0;
      bar.setAttribute("aria-label", name ? name.textContent : "");
      said.className = "small muted";
      said.setAttribute("role", "status");
      box.className = "progress";
      box.append(bar, said);
      form.append(box);
      const over = () => { box.remove(); button.disabled = false; delete form.dataset.sent; };
      const send = new XMLHttpRequest();
      send.open("POST", form.action);
      send.upload.onprogress = (p) => {
        if (!p.lengthComputable) return;
        const share = Math.floor((p.loaded * 100) / p.total);
        bar.value = share;
        if (share % 10 === 0) said.textContent = local(share) + (document.documentElement.lang === "fa" ? "\u066a" : "%");
      };
      send.onload = () => {
        if (send.status < 300) { location.assign(send.responseURL); return; }
        const next = new DOMParser().parseFromString(send.responseText, "text/html").querySelector("main");
        if (next) { document.querySelector("main").replaceWith(next); next.focus(); } else over();
      };
      send.onerror = over;
      button.disabled = true;
      send.send(new FormData(form));
    });
  });
})();
