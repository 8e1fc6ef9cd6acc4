// The slip's QR code leads to /mediation#code=…: what stands after # never leaves the phone. It is put into the field
// and taken out of the address.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("code");
  if (!box) return;
  const take = () => {
    const code = /^#code=([0-9 -]{16,24})$/.exec(decodeURIComponent(location.hash));
    if (!code) return;
    history.replaceState(null, "", location.pathname);
    box.value = code[1].replace(/\D/g, "").replace(/(\d{4})(?=\d)/g, "$1 ");
    document.getElementById("taken").hidden = false;
    box.form.querySelector("button").focus();
  };
  take();
  addEventListener("hashchange", take);
});
