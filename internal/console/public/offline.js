// Keeps the page that checks receipts, so that it works without a network once
// it has been loaded. It keeps that page and the static files that it names, and
// nothing else: other pages hold personal data.
//
// The page comes from the network wherever there is one, with its keys; the
// files' addresses change with their content, so a kept one is never old.
"use strict";

const page = "/receipt", store = "estelam-receipt";
const address = /\/static\/[\w.-]+/g;

// anonymous is the page as it is for somebody who is not signed in, if it can be
// in the visitor's language. The server forbids to store any other.
async function anonymous() {
  for (const credentials of ["same-origin", "omit"]) {
    const answer = await fetch(page, { credentials, cache: "no-store" });
    const mayStay = !/no-store/.test(answer.headers.get("Cache-Control") ?? "no-store");
    if (answer.ok && !answer.redirected && mayStay) return answer;
  }
  throw new Error("the page may not be kept");
}

// keep stores page and files anew. The page comes last: a kept page has all of
// its files, and what it does not name is forgotten.
async function keep() {
  const answer = await anonymous(), cache = await caches.open(store);
  const wanted = new Set((await answer.clone().text()).match(address));
  for (const path of wanted) { // and those that a style sheet adds meanwhile
    let file = await cache.match(path);
    if (!file) {
      file = await fetch(path, { credentials: "omit" });
      if (!file.ok) throw new Error("a file of the page is missing");
      await cache.put(path, file.clone());
    }
    if (path.endsWith(".css")) for (const other of (await file.text()).match(address) ?? []) wanted.add(other);
  }
  await cache.put(page, answer);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname !== page && !wanted.has(pathname)) await cache.delete(request);
  }
}

// visit goes to the network first; the kept page is for when there is none.
async function visit(event) {
  try {
    const answer = await fetch(event.request);
    if (answer.status < 500) {
      event.waitUntil(keep().catch(() => {})); // what was kept before is still there
      return answer;
    }
  } catch {
    // There is no network.
  }
  return (await caches.match(page)) ?? Response.error();
}

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (origin !== location.origin || event.request.method !== "GET") return;
  if (event.request.mode === "navigate" && pathname === page) event.respondWith(visit(event));
  if (pathname.startsWith("/static/")) event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
});
