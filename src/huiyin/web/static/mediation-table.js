// The table shows besides what the house knows what the mediator put there on this device; nothing else of what is kept.
"use strict";
addEventListener("DOMContentLoaded", async () => {
  const main = document.querySelector("[data-table]");
  const { number } = main.dataset;
  const draw = async () => {
    const there = (await window.keeping.read(`table ${number}`))?.value ?? {};
    document.querySelectorAll("[data-put]").forEach((list) => {
      const known = [...list.querySelectorAll("li:not([data-here])")].map((one) => one.textContent.trim());
      list.querySelectorAll("[data-here]").forEach((one) => one.remove());
      // What was put there while it was talked about is in the document now, or was left out of it.
      const put = "fixed" in list.dataset ? [] : (there[list.dataset.put] ?? []);
      put.filter((one) => !known.includes(one)).forEach((words) => {
        const item = document.createElement("li");
        item.dataset.here = "";
        item.textContent = words;
        list.append(item);
      });
      list.closest("section").hidden = !list.children.length;
      document.getElementById(`${list.id}-none`)?.toggleAttribute("hidden", list.children.length > 0);
    });
    document.querySelectorAll("[data-party]").forEach((one) => {
      one.querySelector("[data-present]").hidden = !(there.here ?? []).includes(one.dataset.party);
    });
    main.dataset.ready = "yes";
  };
  addEventListener("storage", draw); // the minutes are written in another window of the same device
  await draw();
  // A screen that goes dark is touched by whoever sits nearest.
  navigator.wakeLock?.request("screen").catch(() => {});
});
