// A form's position: the phone says where it is, once, where the person taps; without it nothing is missing.
"use strict";
(() => {
  const place = (box) => {
    const button = box.querySelector("[data-locate]");
    const said = box.querySelector("[data-said]");
    const [lat, lon] = ["lat", "lon"].map((name) => box.querySelector(`input[name=${name}]`));
    if (!navigator.geolocation) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      said.textContent = "正在取得位置……";
      button.disabled = true;
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        lat.value = coords.latitude.toFixed(5);
        lon.value = coords.longitude.toFixed(5);
        said.textContent = `已取得位置,误差约 ${Math.max(1, Math.round(coords.accuracy))} 米。`;
        button.disabled = false;
      }, () => {
        said.textContent = "没有取得位置。请允许定位后再点一次;也可以不填,附上照片。";
        button.disabled = false;
      }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
    });
  };
  addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-position]").forEach(place));
})();
