// Writing at the table: what is typed is kept on the device, rows come and go, words are looked over as they are typed,
// and a fact or a term is put before both families by a tap. Each form is a plain one without this file.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const { keep, number } = form.dataset;
  const table = `table ${number}`;
  const HOUSE = ["csrf", "key", "seen", "do"];
  const fields = () => [...new FormData(form)].filter(([name, value]) => !HOUSE.includes(name) && typeof value === "string");

  // -- rows ---------------------------------------------------------------------------------------------

  const numbered = (row, n) => {
    row.querySelectorAll("[data-n]").forEach((one) => { one.textContent = n; });
    row.querySelectorAll("[name],[id],[for],[aria-describedby]").forEach((one) => {
      ["name", "id", "for", "aria-describedby"].forEach((what) => {
        if (one.hasAttribute(what)) one.setAttribute(what, one.getAttribute(what).replace(/-\d+(?=$|-)/, `-${n}`));
      });
    });
  };
  const grow = (list) => {
    const rows = list.querySelectorAll("[data-row]");
    if (rows.length >= Number(list.dataset.most)) return null;
    const row = list.parentElement.querySelector("template").content.firstElementChild.cloneNode(true);
    numbered(row, rows.length + 1);
    list.append(row);
    row.querySelectorAll("[data-tap],[data-drop]").forEach((one) => { one.hidden = false; });
    return row;
  };
  // Rows that are there for a browser without scripts: one to spare is enough.
  const shrink = (list) => {
    const empty = (row) => ![...row.querySelectorAll("[data-say=what],[data-say=until],[data-say=place],[data-say=amount]")].some((one) => one.value.trim()) && !row.querySelector("[aria-invalid]");
    while (list.children.length > Number(list.dataset.spare) && empty(list.lastElementChild) && empty(list.lastElementChild.previousElementSibling)) list.lastElementChild.remove();
  };
  form.querySelectorAll("[data-grow]").forEach((button) => {
    const list = document.getElementById(button.dataset.grow);
    button.hidden = false;
    button.addEventListener("click", () => {
      const row = grow(list);
      if (row) row.querySelector("input,textarea,select").focus();
      else button.disabled = true;
    });
  });
  form.addEventListener("click", (event) => {
    const drop = event.target.closest("[data-drop]");
    if (!drop) return;
    const row = drop.closest("[data-row]");
    const list = row.parentElement;
    take(row);
    if (list.children.length > 1) row.remove();
    else row.querySelectorAll("input,textarea").forEach((one) => { one.value = ""; });
    [...list.children].forEach((one, n) => numbered(one, n + 1));
    list.querySelector("input,textarea,select").focus();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // -- what is kept on the device -----------------------------------------------------------------------

  const note = document.getElementById("kept");
  const when = (at) => new Date(at).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const told = (words, kind = "") => {
    note.hidden = false;
    note.querySelector("span").textContent = words;
    note.classList.toggle("warn", kind === "warn");
  };
  const boxes = (name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  const place = (name, nth) => {
    let found = boxes(name);
    for (const list of form.querySelectorAll("[data-rows]")) {
      const wanted = /-(\d+)$/.exec(name);
      const missing = () => (wanted && list.dataset.rows === "numbered" ? !boxes(name).length : nth >= boxes(name).length);
      const row = list.parentElement.querySelector("template").content;
      const belongs = wanted ? row.querySelector(`[name^="${CSS.escape(name.replace(/\d+$/, ""))}"]`) : row.querySelector(`[name="${CSS.escape(name)}"]`);
      while (belongs && missing() && grow(list));
      found = boxes(name);
    }
    return found[nth] ?? null;
  };
  const fill = (some) => {
    form.querySelectorAll("input[type=checkbox],input[type=radio]").forEach((one) => { one.checked = false; });
    const counts = {};
    some.forEach(([name, value]) => {
      const choice = boxes(name).find((one) => ["checkbox", "radio"].includes(one.type) && one.value === value);
      if (choice) { choice.checked = true; return; }
      const box = place(name, counts[name] ?? 0);
      counts[name] = (counts[name] ?? 0) + 1;
      if (box && !["checkbox", "radio", "hidden"].includes(box.type)) box.value = value;
    });
  };
  let soon;
  const save = async () => {
    clearTimeout(soon);
    soon = 0;
    if (await window.keeping.write(keep, fields(), form.elements.key.value)) told(`已存在本机(${when(Date.now())}),还没有提交。`);
    else told("这台设备存不住草稿,请尽快提交,不要关闭这一页。", "warn");
  };
  form.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(save, 300); });
  form.addEventListener("change", () => { clearTimeout(soon); soon = setTimeout(save, 300); });
  addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && soon) save(); });
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) save();
  });
  const restore = async () => {
    const kept = await window.keeping.read(keep);
    if ("again" in form.dataset) { await save(); return; } // what comes back was typed last
    if (!kept || JSON.stringify(kept.value) === JSON.stringify(fields())) return;
    fill(kept.value);
    await window.keeping.write(keep, kept.value, form.elements.key.value);
    told(`已恢复本机上没有提交的草稿(${when(kept.at)})。`);
    const button = document.getElementById("kept-drop");
    button.hidden = false;
    button.addEventListener("click", () => {
      window.keeping.forget(keep);
      location.reload();
    });
  };

  // -- on the table -------------------------------------------------------------------------------------

  // What a tap puts there: the words of its row as they stand now; changed words are not there until the next tap.
  const words = (button) => {
    const row = button.closest("[data-row]") ?? button.parentElement;
    const said = (part) => {
      const box = row.querySelector(`[data-say="${part}"]`);
      if (!box?.value.trim()) return "";
      return box.tagName === "SELECT" ? box.selectedOptions[0].textContent.trim() : box.value.trim();
    };
    const what = said("what");
    if (!what) return "";
    const who = said("owes") && said("owed") ? `${said("owes")} → ${said("owed")}:` : "";
    const amount = said("amount") ? `,${said("amount")}元` : "";
    const [year, month, day] = said("until").split("-").map(Number);
    const until = day ? `,${year}年${month}月${day}日以前` : "";
    const where = said("place") ? ` · ${said("place")}` : "";
    return `${who}${what}${amount}${until}${where}`;
  };
  let there = { facts: [], items: [], open: [], here: [] };
  const look = () => form.querySelectorAll("[data-tap]").forEach((button) => {
    const said = words(button);
    const on = Boolean(button.dataset.put) && there[button.dataset.tap].includes(button.dataset.put);
    button.hidden = false;
    button.disabled = !said;
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "已在桌面上(收回)" : "放到桌面";
  });
  const put = async () => {
    await window.keeping.write(table, there);
    look();
  };
  const take = (row) => row.querySelectorAll("[data-tap]").forEach((button) => {
    const kind = button.dataset.tap;
    there[kind] = there[kind].filter((one) => one !== button.dataset.put);
    delete button.dataset.put;
    put();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tap]");
    if (!button) return;
    const kind = button.dataset.tap;
    if (button.dataset.put && there[kind].includes(button.dataset.put)) {
      there[kind] = there[kind].filter((one) => one !== button.dataset.put);
      delete button.dataset.put;
    } else {
      button.dataset.put = words(button);
      there[kind] = [...there[kind], button.dataset.put];
    }
    put();
  });
  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-row],[data-one]");
    row?.querySelectorAll("[data-tap]").forEach((button) => {
      if (button.dataset.put && button.dataset.put !== words(button)) take(row);
    });
    if (event.target.name === "present") {
      there.here = boxes("present").filter((one) => one.checked).map((one) => one.value);
      put();
    }
    look();
  });

  // -- words that cannot be kept ------------------------------------------------------------------------

  const head = { "Content-Type": "application/json", "X-Huiyin-Csrf": form.elements.csrf.value };
  const show = (box, findings) => {
    const list = document.getElementById(`${box.id}-found`);
    if (!list) return;
    list.replaceChildren(...findings.map((one) => {
      const item = document.createElement("li");
      item.className = one.kind;
      const strong = document.createElement("strong");
      strong.textContent = `${one.kind === "unlawful" ? "不得写" : "要写明"}:${one.words.map((each) => `“${each}”`).join("、")}。`;
      item.append(strong, one.advice);
      return item;
    }));
    box.toggleAttribute("data-unlawful", findings.some((one) => one.kind === "unlawful"));
    box.toggleAttribute("data-vague", findings.some((one) => one.kind === "vague"));
    insisting();
  };
  const insisting = () => {
    const box = document.getElementById("insisting");
    if (box) box.hidden = !form.querySelector("[data-vague]") && !box.querySelector("input").checked;
  };
  const waiting = new WeakMap();
  const asked = new WeakMap();
  const check = async (box) => {
    const said = box.value.trim();
    asked.set(box, said);
    if (!said) { show(box, []); return; }
    try {
      const answer = await fetch("/api/v1/mediations/terms", { method: "POST", headers: head, body: JSON.stringify({ text: said }) });
      if (answer.ok && asked.get(box) === said) show(box, (await answer.json()).findings);
    } catch { /* no network: the house looks again before it seals */ }
  };
  form.addEventListener("input", (event) => {
    const box = event.target.closest("[data-check]");
    if (!box) return;
    clearTimeout(waiting.get(box));
    waiting.set(box, setTimeout(() => check(box), 400));
  });

  // -- what art. 29 lists -------------------------------------------------------------------------------

  const elements = () => document.querySelectorAll("[data-element]").forEach((one) => {
    const some = [...form.querySelectorAll(`[data-is~="${one.dataset.element}"]`)].filter((box) => {
      const row = box.closest("[data-row]");
      return !row || row.querySelector('[data-say="what"]').value.trim() || row.parentElement.firstElementChild === row;
    });
    const has = some.length > 0 && some.every((box) => box.value.trim());
    one.classList.toggle("been", has);
    one.querySelector("small").textContent = has ? "已写" : "还没有写";
  });
  form.addEventListener("input", elements);
  form.addEventListener("change", elements);

  form.addEventListener("submit", (event) => {
    const bad = form.querySelector("[data-unlawful]");
    if (!bad || event.submitter?.value === "back") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    bad.focus();
    bad.scrollIntoView({ block: "center" });
  }, true);

  (async () => {
    form.querySelectorAll("[data-drop]").forEach((one) => { one.hidden = false; });
    there = { ...there, ...(await window.keeping.read(table))?.value };
    if (!(await window.keeping.read(keep))) there.here = []; // who was there last time may not be now
    await restore();
    form.querySelectorAll("[data-rows]").forEach(shrink);
    insisting();
    form.querySelectorAll("[data-tap]").forEach((button) => {
      const said = words(button);
      if (said && there[button.dataset.tap].includes(said)) button.dataset.put = said;
    });
    look();
    elements();
    form.dataset.ready = "yes";
    for (const box of form.querySelectorAll("[data-check]")) {
      if (box.value.trim() && !asked.has(box)) await check(box); // one after the other: nobody waits for it
    }
  })();
});
