// Applying for mediation: the body that refers is asked for only where one does; who is one party more opens by itself.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("apply");
  const referrer = form && form.querySelector("[data-referrer]");
  if (!referrer) return;
  const show = () => {
    const chosen = form.querySelector("[name=source]:checked");
    referrer.hidden = !chosen || chosen.value !== "referral";
  };
  form.addEventListener("change", show);
  show();
});
