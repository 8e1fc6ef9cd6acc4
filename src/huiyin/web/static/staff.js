// What the staff's pages do beyond links and forms; each page works without it.
"use strict";
(() => {
  // `live` on the body when something that the viewer may see has changed; its detail names the tickets.
  const listen = () => {
    if (!window.EventSource || !document.querySelector("[data-live]")) return;
    const shown = [...new Set([...document.querySelectorAll("[data-number]")].map((one) => one.dataset.number))];
    const source = new EventSource(`/live?n=${shown.slice(0, 200).join(",")}`);
    const lost = document.getElementById("live-lost");
    let waiting;
    source.addEventListener("open", () => { lost.hidden = true; });
    source.addEventListener("error", () => { lost.hidden = false; });
    source.addEventListener("changed", (event) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        document.body.dispatchEvent(new CustomEvent("live", { detail: JSON.parse(event.data) }));
      }, 100);
    });
    addEventListener("pagehide", () => source.close());
  };
  addEventListener("DOMContentLoaded", () => {
    listen();
    // What went out of sight meanwhile is said: the page would go on showing how it was.
    document.body.addEventListener("htmx:response:error", (event) => {
      const gone = document.getElementById("gone");
      if (gone && event.detail.ctx.response.status === 404) gone.hidden = false;
    });
    // A button that opens the dialog it names, and buttons that close theirs.
    document.body.addEventListener("click", (event) => {
      const opener = event.target.closest("[data-open]");
      if (opener) {
        const box = document.getElementById(opener.dataset.open);
        if (box) { event.preventDefault(); box.showModal(); }
      }
      const closer = event.target.closest("[data-close]");
      if (closer) { event.preventDefault(); closer.closest("dialog").close(); }
    });
  });
})();
