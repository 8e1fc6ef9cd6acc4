// Blowing a whistle: a finger on the map sets the point, a touch on a suggestion fills the next row; all of it can be
// typed as well.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("blow");
  if (!form) return;
  const field = (name) => form.elements.namedItem(name);
  const changed = (one) => one.dispatchEvent(new Event("change", { bubbles: true }));
  const degrees = (map) => Object.fromEntries(Object.entries(map.dataset).map(([name, value]) => [name, Number(value)]));

  // -- the map ------------------------------------------------------------------------------------------

  const locate = () => {
    const show = () => {
      const map = form.querySelector("[data-site]");
      if (!map) return;
      const { west, north, east, south } = degrees(map);
      const { width, height } = map.viewBox.baseVal;
      const lat = Number(field("lat").value), lon = Number(field("lon").value);
      const there = field("lat").value && field("lon").value;
      const point = map.querySelector("[data-point]");
      point.setAttribute("cx", there ? ((lon - west) / (east - west)) * width : -50);
      point.setAttribute("cy", there ? ((north - lat) / (north - south)) * height : -50);
    };
    const put = (lat, lon) => {
      field("lat").value = lat.toFixed(5);
      field("lon").value = lon.toFixed(5);
      field("lat").closest("details").open = true;
      show();
      changed(field("lat"));
    };
    form.addEventListener("click", (event) => {
      const map = event.target.closest("[data-site]");
      if (!map) return;
      const { west, north, east, south } = degrees(map);
      const { width, height } = map.viewBox.baseVal;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
      put(north - (at.y / height) * (north - south), west + (at.x / width) * (east - west));
    });
    ["lat", "lon"].forEach((name) => field(name).addEventListener("input", show));

    const here = form.querySelector("[data-here]");
    const said = form.querySelector("[data-here-said]");
    if (navigator.geolocation) here.hidden = false;
    here.addEventListener("click", () => {
      said.textContent = "正在定位……";
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => { said.textContent = "已填上。"; put(coords.latitude, coords.longitude); },
        () => { said.textContent = "没有定到位置。请在图上点一下,或自己填写。"; },
        { enableHighAccuracy: true, timeout: 15_000 },
      );
    });
    return show;
  };
  const show = field("lat") ? locate() : () => {};

  // -- whom one calls -----------------------------------------------------------------------------------

  const rows = () => [...form.querySelectorAll("select[name^=post]")];
  const more = [...form.querySelectorAll(".more-ask")];
  const next = () => {  // one row to add at a time
    const free = more.findIndex((one) => !one.open && !one.querySelector("select").value);
    more.forEach((one, at) => { one.hidden = free >= 0 && at > free && !one.open; });
  };
  const suggest = () => form.querySelectorAll("[data-ask]").forEach((one) => { one.hidden = false; });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ask]");
    if (!button) return;
    const row = rows().find((one) => one.value === button.dataset.ask) || rows().find((one) => !one.value);
    if (!row) return;
    row.value = button.dataset.ask;
    const box = row.closest("details");
    if (box) { box.hidden = false; box.open = true; }
    changed(row);
    row.closest(".ask-row").querySelector("textarea").focus();
    next();
  });
  more.forEach((one) => one.addEventListener("toggle", next));
  const matter = document.getElementById("matter");
  if (matter) new MutationObserver(() => { suggest(); show(); }).observe(matter, { childList: true });
  suggest();
  show();
  next();
});
