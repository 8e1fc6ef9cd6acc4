// The page in the phone's own memory: as the house last sent it, with the files that it names, and nothing else.
(() => {
  const PAGE = "/patrol";
  const PATIENCE = 4_000; // ms that a weak signal is waited for where the page is there already

  const keep = async (answer) => {
    const words = await answer.clone().text();
    const named = new Set(words.match(/\/static\/[^"'\s<>]+/g));
    const cache = await caches.open(patrol.NAME);
    const there = new Map((await cache.keys()).map((asked) => [asked.url.slice(location.origin.length), asked]));
    // First the new files, then the page that names them, then the old files go: at no moment one without the other.
    await cache.addAll([...named].filter((name) => !there.has(name)));
    await cache.put(PAGE, answer);
    const old = [...there].filter(([name]) => name !== PAGE && !named.has(name));
    await Promise.all(old.map(([, asked]) => cache.delete(asked)));
    patrol.tell();
  };

  const keepPage = (answer) => {
    const html = (answer.headers.get("content-type") ?? "").startsWith("text/html");
    return answer.ok && !answer.redirected && html ? keep(answer.clone()) : undefined;
  };

  // From the house where it answers; else, or where it is late or at fault, as it was last.
  const page = async (request, fresh) => {
    const kept = await caches.match(PAGE, { cacheName: patrol.NAME });
    if (!kept) return fresh;
    const late = new Promise((done) => setTimeout(() => done(kept), PATIENCE));
    const answered = fresh.then((answer) => (answer.status >= 500 ? kept : answer), () => kept);
    return Promise.race([answered, late]);
  };

  addEventListener("install", (event) => {
    skipWaiting();
    event.waitUntil(fetch(PAGE).then(keepPage));
  });
  addEventListener("activate", (event) => event.waitUntil(clients.claim()));
  addEventListener("fetch", (event) => {
    const asked = new URL(event.request.url);
    if (event.request.method !== "GET" || asked.origin !== location.origin) return;
    if (event.request.mode === "navigate" && asked.pathname === PAGE) {
      const fresh = fetch(event.request);
      // What is only said once (`?said=`) is not what should be there tomorrow.
      if (!asked.search) event.waitUntil(fresh.then(keepPage).catch(() => {}));
      event.respondWith(page(event.request, fresh));
    } else if (asked.pathname.startsWith("/static/")) {
      const kept = caches.match(event.request, { cacheName: patrol.NAME });
      event.respondWith(kept.then((found) => found ?? fetch(event.request)));
    }
  });
  // The browser's own second try, with no window open; what fails here it tries again.
  addEventListener("sync", (event) => {
    if (event.tag !== patrol.NAME) return;
    event.waitUntil(patrol.drain().then((became) => {
      if (became === "late") throw new Error(became);
    }));
  });
})();
