// The button that prints: shown only where there is somebody to press it.
"use strict";
addEventListener("DOMContentLoaded", () => {
  for (const one of document.querySelectorAll("[data-print]")) {
    one.hidden = false;
    one.addEventListener("click", () => window.print());
  }
});
