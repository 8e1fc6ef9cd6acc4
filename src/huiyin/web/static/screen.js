// The screen: charts drawn from the tables beside them, a wall that takes turns, and a word when it is out of date.
"use strict";
(() => {
  const STALE = 120, TURN = 15; // seconds
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const colours = ["#0a6657", "#a6611a", "#3b4a9c"];
  const dashes = ["solid", "dashed", "dotted"];
  const symbols = ["circle", "rect", "triangle"];
  const charts = [];

  // -- charts ------------------------------------------------------------------------------------------

  const read = (table) => {
    const heads = [...table.tHead.rows[0].cells].map((one) => one.textContent.trim());
    const rows = [...table.tBodies[0].rows];
    const column = (n) => rows.map((row) => row.cells[n].textContent.trim());
    return { heads, labels: column(0), values: (n) => column(n).map((one) => parseFloat(one)) };
  };
  const common = () => ({
    animation: !still.matches,
    aria: { enabled: true, decal: { show: true } },
    color: colours,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 },
  });
  const line = ({ heads, labels, values }) => ({
    ...common(),
    grid: { left: 44, right: 16, top: 16, bottom: 28 },
    xAxis: { type: "category", data: labels, boundaryGap: false },
    yAxis: { type: "value", minInterval: 1 },
    series: heads.slice(1).map((name, n) => ({
      name, type: "line", data: values(n + 1), symbol: symbols[n], symbolSize: labels.length > 40 ? 4 : 7,
      lineStyle: { type: dashes[n], width: 2 },
    })),
  });
  const bar = ({ heads, labels, values }) => ({
    ...common(),
    grid: { left: 8, right: 56, top: 8, bottom: 28, containLabel: true },
    xAxis: { type: "value", minInterval: 1 },
    yAxis: { type: "category", data: labels, inverse: true },
    series: [{ name: heads[1], type: "bar", data: values(1), barMaxWidth: 28, label: { show: true, position: "right" } }],
  });
  const named = (figure, heads) => {
    const list = document.createElement("p");
    list.className = "names";
    list.setAttribute("aria-hidden", "true");
    const marks = ["●──", "■╌╌", "▲⋯"];
    heads.slice(1).forEach((name, n) => {
      const one = document.createElement("span");
      one.textContent = `${marks[n]} ${name}`;
      one.style.color = colours[n];
      list.append(one);
    });
    figure.prepend(list);
  };
  const draw = () => {
    if (!window.echarts) return;
    for (const figure of document.querySelectorAll("[data-chart]")) {
      const table = read(figure.querySelector("table"));
      const canvas = figure.querySelector(".canvas");
      canvas.hidden = false;
      figure.querySelector("details").open = false;
      if (figure.dataset.chart === "bar") canvas.style.height = `${table.labels.length * 44 + 60}px`;
      if (figure.dataset.chart === "line") named(figure, table.heads);
      const chart = echarts.init(canvas, null, { renderer: "canvas" });
      const label = canvas.getAttribute("aria-label");
      chart.setOption(figure.dataset.chart === "line" ? line(table) : bar(table));
      canvas.setAttribute("aria-label", label); // ours is shorter than one that reads every point
      charts.push(chart);
    }
    const fit = () => charts.forEach((one) => one.resize());
    addEventListener("resize", fit);
    addEventListener("beforeprint", () => charts.forEach((one) => one.resize({ width: 640 })));
    addEventListener("afterprint", fit);
  };

  // -- the wall ----------------------------------------------------------------------------------------

  const wall = () => {
    const button = document.getElementById("pause");
    if (!button) return;
    const wide = matchMedia("(min-width: 62rem)");
    let turn = 0, paused = still.matches;
    const show = () => {
      const panels = [...document.querySelectorAll(".wall .turn")];
      const shown = wide.matches ? [0, 1].map((n) => (turn * 2 + n) % panels.length) : [turn % panels.length];
      panels.forEach((one, n) => {
        if (paused || shown.includes(n)) delete one.dataset.away;
        else one.dataset.away = "";
      });
    };
    const say = () => {
      button.setAttribute("aria-pressed", String(paused));
      button.textContent = paused ? "轮播" : "暂停轮播";
      show();
    };
    button.hidden = false;
    button.addEventListener("click", () => { paused = !paused; say(); });
    setInterval(() => { if (!paused) { turn += 1; show(); } }, TURN * 1000);
    new MutationObserver(show).observe(document.getElementById("now"), { childList: true });
    say();
  };

  // How long ago the page was last brought up to date, by this machine's own clock.
  const watch = () => {
    const note = document.getElementById("stale"), now = document.getElementById("now");
    if (!note || !now) return;
    let at = performance.now();
    new MutationObserver(() => { at = performance.now(); note.hidden = true; }).observe(now, { childList: true });
    setInterval(() => { note.hidden = performance.now() - at < STALE * 1000; }, 1000);
  };

  addEventListener("DOMContentLoaded", () => { draw(); wall(); watch(); });
})();
