// Logging out on a phone that was on patrol: the page goes from its memory, and what still waits is spoken of first.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector('form[action="/logout"]');
  const box = document.getElementById("leaving");
  if (!form || !box || !window.caches || !window.indexedDB) return;
  const leave = async () => {
    await patrol.leave();
    const who = await patrol.asked();
    if (who) form.elements.csrf.value = who.mark; // a page from the phone's memory has an old one
    form.submit();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // Where the page was never kept nothing can wait.
    const waiting = (await caches.has(patrol.NAME)) ? (await patrol.all()).filter((one) => one.state !== "sent").length : 0;
    if (!waiting) { leave(); return; }
    document.getElementById("leaving-count").textContent = waiting;
    box.showModal();
  });
  document.getElementById("leaving-yes").addEventListener("click", leave);
});
