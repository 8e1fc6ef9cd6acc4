// A phone that was on patrol changes hands: the page goes from its memory with whoever it was painted for, and what
// still waits is spoken of before one logs out.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector('form[action="/logout"]');
  const box = document.getElementById("leaving");
  if (!form || !box || !window.caches || !window.indexedDB) return;
  const { account } = box.dataset;
  // A session ends by itself too, and somebody else logs in: not to their eyes. The page itself the worker exchanges.
  if (location.pathname !== "/patrol") {
    caches.match("/patrol", { cacheName: patrol.NAME }).then(async (kept) => {
      if (kept && !(await kept.text()).includes(account)) await caches.delete(patrol.NAME);
    });
  }
  const leave = async () => {
    await patrol.leave().catch(() => {}); // a browser that keeps nothing has nothing to leave
    const who = await patrol.asked();
    if (who) form.elements.csrf.value = who.mark; // a page from the phone's memory has an old one
    form.submit();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const waiting = (await patrol.all().catch(() => [])).filter((one) => one.account === account && one.state !== "sent");
    if (!waiting.length) { leave(); return; }
    document.getElementById("leaving-count").textContent = waiting.length;
    box.showModal();
  });
  document.getElementById("leaving-yes").addEventListener("click", leave);
});
