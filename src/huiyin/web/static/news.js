// The receipt's page looks whether something happened: soon after filing often, later once a minute, unseen never.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector("[data-news]");
  if (!box) return;
  let wait = box.dataset.waiting ? 2000 : 60000;
  const writing = () => [...document.querySelectorAll("textarea, input:not([type=hidden])")].some((one) =>
    one.type === "radio" ? one.checked !== one.defaultChecked : one.value !== one.defaultValue);
  const look = async () => {
    wait = Math.min(60000, wait * 1.5);
    if (document.visibilityState === "visible") {
      try {
        const answer = await fetch(box.dataset.news, { headers: { Accept: "text/plain" } });
        if (answer.status === 200) {
          if (!writing()) return location.replace(box.dataset.page);
          box.hidden = false;
          return;
        }
      } catch {}  // without a network: the next time
    }
    setTimeout(look, wait);
  };
  setTimeout(look, wait);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") wait = Math.min(wait, 5000); });
});
