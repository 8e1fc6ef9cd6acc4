// Lists: choose all of a page, how many are chosen; what is chosen is not swept away by a refresh.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const rows = document.getElementById("rows");
  if (!rows) return;
  const boxes = () => [...rows.querySelectorAll('input[name="n"]')];
  const tell = () => {
    const all = rows.querySelector("[data-all]");
    if (!all) return;
    const chosen = boxes().filter((one) => one.checked).length;
    all.hidden = false;
    all.querySelector("input").checked = chosen > 0 && chosen === boxes().length;
    rows.querySelector("[data-chosen]").textContent = chosen ? `已选 ${chosen} 件` : "勾选后可以一起办理,一次最多 100 件";
    rows.querySelectorAll(".act-on button").forEach((one) => { one.disabled = !chosen; });
  };
  rows.addEventListener("change", (event) => {
    if (event.target.closest("[data-all]")) boxes().forEach((one) => { one.checked = event.target.checked; });
    tell();
  });
  document.body.addEventListener("htmx:before:request", (event) => {
    if (event.target === rows && boxes().some((one) => one.checked)) event.preventDefault();
  });
  document.body.addEventListener("htmx:after:swap", tell);
  addEventListener("pageshow", tell);
  tell();
});
