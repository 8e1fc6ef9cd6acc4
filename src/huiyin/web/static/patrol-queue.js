// The findings that wait on this phone, and how they are sent: once each, one after another, under the account that
// wrote them down. The page and its worker share this.
"use strict";
self.patrol = (() => {
  const NAME = "huiyin-patrol";
  const STORE = "findings";
  const SENT_KEPT = 30;
  const PATIENCE = 150_000; // ms for one finding with its pictures over one bar

  const open = () => new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  // Strict: on the phone's disk, not only on its way there, when the page says that it is kept.
  const within = async (mode, work) => {
    const database = await open();
    try {
      return await new Promise((done, failed) => {
        const change = database.transaction(STORE, mode, { durability: "strict" });
        const asked = work(change.objectStore(STORE));
        change.oncomplete = () => done(asked.result);
        change.onabort = () => failed(change.error);
      });
    } finally {
      database.close();
    }
  };

  const tell = () => {
    const channel = new BroadcastChannel(NAME);
    channel.postMessage("changed");
    channel.close();
  };
  const all = () => within("readonly", (store) => store.getAll());
  const put = (entry, instead = "") => within("readwrite", (store) => {
    store.delete(instead);
    return store.put(entry);
  });
  const remove = (id) => within("readwrite", (store) => store.delete(id));
  // What was deleted meanwhile stays deleted.
  const change = async (id, more) => {
    await within("readwrite", (store) => {
      const asked = store.get(id);
      asked.onsuccess = () => asked.result && store.put({ ...asked.result, ...more });
      return asked;
    });
    tell();
  };

  // Who is logged in: null while nobody can be asked, "" where nobody is.
  const asked = async () => {
    try {
      const answer = await fetch("/patrol/mark", { cache: "no-store", signal: AbortSignal.timeout(15_000) });
      if (answer.status === 401 || answer.status === 403) return "";
      const who = await answer.json();
      return answer.ok && who.account ? who : null;
    } catch {
      return null;
    }
  };

  const parcel = (entry) => {
    const form = new FormData();
    entry.fields.forEach(([name, value]) => form.append(name, value));
    form.append("id", entry.id);
    form.append("form", entry.form);
    form.append("age", String(Math.max(0, Math.round((Date.now() - entry.at) / 1000))));
    entry.pictures.forEach((bytes) => form.append("pictures", new Blob([bytes], { type: "image/jpeg" }), "picture.jpg"));
    return form;
  };

  // "sent", "returned", "login" or "late": what became of one. Whatever is not clearly an answer of ours is late.
  const send = async (entry, mark) => {
    let answer, said;
    try {
      const headers = { "X-Huiyin-Csrf": mark, Accept: "application/json" };
      const signal = AbortSignal.timeout(PATIENCE);
      answer = await fetch("/patrol/findings", { method: "POST", body: parcel(entry), headers, signal });
      said = await answer.json();
    } catch {
      return "late";
    }
    if (answer.ok && said.receipt) {
      // Only what is needed to find it again stays on the phone: no word that was typed, no picture.
      const kept = { state: "sent", receipt: said.receipt, sent: Date.now(), fields: [], pictures: [] };
      await change(entry.id, kept);
      return "sent";
    }
    if (answer.status === 401) return "login";
    const later = answer.status < 400 || answer.status >= 500 || [408, 429].includes(answer.status);
    if (later || said.code === "cross-origin" || !said.code) return "late";
    await change(entry.id, { state: "returned", why: said.detail || said.title });
    return "returned";
  };

  const round = async () => {
    const waiting = (await all()).filter((one) => one.state === "waiting").sort((a, b) => a.at - b.at);
    if (!waiting.length) return "idle";
    const who = await asked();
    if (who === null) return "late";
    if (who === "") return "login";
    const own = waiting.filter((one) => one.account === who.account);
    if (!own.length) return "other";
    let became = "idle";
    for (const entry of own) {
      const one = await send(entry, who.mark);
      if (one === "login") return one;
      if (one === "late") became = one;
    }
    await forget(who.account);
    return became;
  };

  // Of what was sent the last few stay, to be followed.
  const forget = async (account) => {
    const sent = (await all()).filter((one) => one.state === "sent" && one.account === account);
    const old = sent.sort((a, b) => b.sent - a.sent).slice(SENT_KEPT);
    await Promise.all(old.map((one) => remove(one.id)));
  };

  // Two windows, or a window and the worker, take turns; where they cannot, the house knows each by its id.
  const drain = () => (navigator.locks ? navigator.locks.request(NAME, round) : round());

  // Whoever logs out leaves nothing but what still waits.
  const leave = async () => {
    await caches.delete(NAME);
    const sent = (await all()).filter((one) => one.state === "sent");
    await Promise.all(sent.map((one) => remove(one.id)));
  };

  return { NAME, all, asked, put, remove, change, drain, leave, tell };
})();
