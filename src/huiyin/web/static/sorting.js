// Keys of the sorting desk; every key is a button or a link that is on the page.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const typing = (one) => one.matches("input, textarea, select");
  const ways = () => [...document.querySelectorAll("#ways [data-way]")];
  const step = (by) => {
    const all = ways();
    const at = all.indexOf(document.activeElement);
    all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
  };
  const moves = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
  document.querySelectorAll('[data-open="keys"]').forEach((one) => { one.hidden = false; });
  addEventListener("keydown", (event) => {
    const here = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.repeat && !(event.key in moves) && !typing(here)) return event.preventDefault();  // a key held down is one key
    if (typing(here)) {
      if (event.key === "Escape" || event.key === "ArrowDown") { event.preventDefault(); ways()[0]?.focus(); }
      return;
    }
    if (here.matches(".said") && event.key.startsWith("Arrow")) return;  // long words scroll
    if (event.key in moves) { event.preventDefault(); return step(moves[event.key]); }
    if (event.key === "Enter") {
      if (here === document.body || here.id === "main") { event.preventDefault(); ways()[0]?.click(); }
      return;
    }
    const wanted = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!wanted) return;
    event.preventDefault();
    if (typing(wanted)) wanted.select(); else wanted.click();
  });
});
