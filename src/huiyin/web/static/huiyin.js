// Small comforts; every page works without them.
"use strict";
addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-count]").forEach((box) => {
    const shown = document.getElementById(box.dataset.count);
    const tell = () => { shown.textContent = `${[...box.value].length} / 8000 字`; };
    box.addEventListener("input", tell);
    tell();
  });
  document.querySelectorAll("[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const words = button.dataset.copy;
      try {
        await navigator.clipboard.writeText(words);
      } catch {  // old phones, plain http
        const box = document.createElement("textarea");
        box.value = words;
        document.body.append(box);
        box.select();
        document.execCommand("copy");
        box.remove();
      }
      document.getElementById(button.dataset.said).textContent = "已复制";
    });
  });
  document.querySelectorAll("form[data-once]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
    });
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-once]").forEach((f) => delete f.dataset.sent));
  document.querySelector("[data-first]")?.focus();
});
