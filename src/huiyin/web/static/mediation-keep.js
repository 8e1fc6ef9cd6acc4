// What a mediator has typed and not sent yet stays on this device, so that a flat battery takes no family's words along.
// It is kept under the account and locked with the account's own key, which only the pages of that account bear; it
// goes when it was sent, at the logout, and after so many days.
"use strict";
window.keeping = (() => {
  const PREFIX = "huiyin-mediation";
  const DAYS = 14;
  const here = document.querySelector('meta[name="keeping"]');
  const { account } = here.dataset;
  const possible = Boolean(window.isSecureContext && window.crypto?.subtle);
  const name_ = (name) => `${PREFIX} ${account} ${name}`;

  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const text = (some) => btoa(Array.from(new Uint8Array(some), (one) => String.fromCharCode(one)).join(""));
  const raw = Uint8Array.from(here.content.match(/../g) ?? [], (two) => parseInt(two, 16));
  const key = possible ? crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]) : null;
  // Bound to its name: what was kept of one case opens as nothing else.
  const how = (iv, name) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(name_(name)) });

  const read = async (name) => {
    try {
      const kept = JSON.parse(localStorage.getItem(name_(name)));
      const open = await crypto.subtle.decrypt(how(bytes(kept.iv), name), await key, bytes(kept.body));
      return { at: kept.at, value: JSON.parse(new TextDecoder().decode(open)) };
    } catch {
      return null; // nothing there, or nothing of ours
    }
  };
  const write = async (name, value, sent = "") => {
    if (!possible) return false;
    try {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const plain = new TextEncoder().encode(JSON.stringify(value));
      const body = text(await crypto.subtle.encrypt(how(iv, name), await key, plain));
      localStorage.setItem(name_(name), JSON.stringify({ at: Date.now(), iv: text(iv), body, sent }));
      return true;
    } catch {
      return false; // full, or forbidden
    }
  };
  const forget = (name) => localStorage.removeItem(name_(name));

  const all = () => Object.keys(localStorage).filter((one) => one.startsWith(`${PREFIX} `)).map((name) => {
    try {
      return { name, ...JSON.parse(localStorage.getItem(name)) };
    } catch {
      return { name, at: 0 };
    }
  });
  const own = () => all().filter((one) => one.name.startsWith(`${PREFIX} ${account} `));
  const clear = () => own().forEach((one) => localStorage.removeItem(one.name));

  // What was sent is gone once the house says so: the page that follows names the form's key.
  const tidy = () => {
    const sent = new URLSearchParams(location.search).get("sent");
    all().forEach((one) => {
      const old = Date.now() - one.at > DAYS * 86_400_000;
      const done = sent && one.sent === sent && one.name.startsWith(`${PREFIX} ${account} `);
      if (old || done) localStorage.removeItem(one.name);
    });
  };
  try { tidy(); } catch { /* no memory here: nothing to tidy */ }

  addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector('form[action="/logout"]');
    const box = document.getElementById("unsent");
    if (!form || !box) return;
    const unsent = () => { try { return own().filter((one) => !one.name.split(" ")[2].startsWith("table")).length; } catch { return 0; } };
    const leave = () => {
      try { clear(); } catch { /* nothing was kept */ }
      form.submit();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!unsent()) { leave(); return; }
      document.getElementById("unsent-count").textContent = unsent();
      box.showModal();
    });
    document.getElementById("unsent-yes").addEventListener("click", leave);
  });

  return { possible, read, write, forget };
})();
