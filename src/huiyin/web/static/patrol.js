// Patrol: what is written down stays on the phone until the house has it. Without this file the form is a plain one.
"use strict";
addEventListener("DOMContentLoaded", async () => {
  if (!window.isSecureContext || !navigator.serviceWorker) return;
  const kept = await patrol.all().catch(() => null);
  if (!kept) return; // a browser that keeps nothing: the plain form sends while there is a network
  const byId = (id) => document.getElementById(id);
  const { account, form: version } = byId("patrol").dataset;
  const form = byId("finding");
  const draftId = `draft ${account}`;
  const FIELDS = ["kind", "text", "where", "about", "handled"];
  const STATES = { waiting: "等待发送", sent: "已发送", returned: "被退回" };
  const LINES = {
    offline: "现在没有网络。照常记录,都存在手机上,有网络时自动发送。",
    sending: "正在发送……",
    late: "暂时发不出去,记录都在手机上,稍后自动再试。",
    other: "现在登录的是另一个账号。这些记录等您自己登录后发送。",
    idle: "没有等待发送的记录。",
  };
  let became = "idle";

  // -- the form -----------------------------------------------------------------------------------------

  const fields = () => [...new FormData(form)].filter(([name, value]) => FIELDS.includes(name) && String(value).trim());
  const album = byId("album"); // what `pictures.js` has made small
  const isEmpty = () => !album.files.length && !fields().some(([name]) => name !== "where");
  const known = (place) => [...byId("places").options].some((one) => one.value === place);

  const entry = async (id, state) => {
    const said = fields();
    const pictures = await Promise.all([...album.files].map((one) => one.arrayBuffer()));
    const place = said.find(([name]) => name === "where")?.[1] ?? "";
    const kinds = said.filter(([name]) => name === "kind").map(([, value]) => value);
    // A place that is none of the list may say whose home it is: it goes when the words go.
    const kept = { kinds, place: known(place) ? place : "" };
    return { id, account, state, form: version, at: Date.now(), fields: said, pictures, ...kept };
  };

  const fill = (one) => {
    form.reset();
    const strange = [];
    one.fields.forEach(([name, value]) => {
      const boxes = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
      const box = name === "kind" ? boxes.find((each) => each.value === value) : boxes[0];
      if (!FIELDS.includes(name) || !box) strange.push(value);
      else if (name === "kind") box.checked = true;
      else box.value = value;
    });
    // Words of an older form: all of them where they can be read and changed.
    if (strange.length) form.elements.text.value = [form.elements.text.value, ...strange].filter(Boolean).join("\n");
    form.querySelector("details").open = Boolean(form.elements.handled.value || form.elements.about.value);
    choose(one.pictures);
  };
  const choose = (pictures) => {
    const files = pictures.map((bytes) => new File([bytes], "picture.jpg", { type: "image/jpeg" }));
    album.closest("[data-pictures]").dispatchEvent(new CustomEvent("pictures", { detail: files }));
  };

  // Phones close the browser while the camera is open: what was begun is there again afterwards. It is kept in turn
  // with what is written down: pictures take a while to read, and a draft that came late would be there again.
  let soon;
  let turn = Promise.resolve();
  const inTurn = (work) => {
    turn = turn.catch(() => {}).then(work);
    return turn;
  };
  const keepDraft = async () => (isEmpty() ? patrol.remove(draftId) : patrol.put(await entry(draftId, "draft")));
  const draft = () => {
    clearTimeout(soon);
    soon = setTimeout(() => inTurn(keepDraft), 300);
  };

  const wrong = (words, box) => {
    byId("finding-wrong").textContent = words;
    byId("finding-wrong").hidden = !words;
    form.elements.text.toggleAttribute("aria-invalid", Boolean(words && box));
    if (words) (box ?? byId("finding-wrong")).scrollIntoView({ block: "center" });
    if (box) box.focus();
  };

  const writeDown = async () => {
    await patrol.put(await entry(crypto.randomUUID(), "waiting"), draftId);
    const where = form.elements.where.value;
    form.reset();
    form.elements.where.value = where;
    choose([]);
    clearTimeout(soon);
  };
  const save = async () => {
    if (!fields().some(([name]) => name === "kind" || name === "text")) {
      wrong("请写下发现了什么,或者点选一个常见问题。", form.elements.text);
      return;
    }
    try {
      await inTurn(writeDown);
    } catch {
      wrong("没有存上:手机的存储空间可能满了。请腾出空间再按一次;内容还在表里。");
      return;
    }
    wrong("");
    patrol.tell();
    await list();
    byId("queue-title").focus();
    byId("queue-title").scrollIntoView();
    navigator.storage?.persist?.().catch(() => {});
    navigator.serviceWorker.ready.then((worker) => worker.sync?.register(patrol.NAME)).catch(() => {});
    send();
  };

  // -- what waits, what was sent ------------------------------------------------------------------------

  const when = (at) => new Date(at).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const title = (one) => {
    const text = one.fields.find(([name]) => name === "text" || name === "words")?.[1] ?? "";
    return one.kinds?.join("、") || (text.length > 20 ? `${text.slice(0, 20)}…` : text) || "巡查发现";
  };

  const row = (one) => {
    const item = byId("entry").content.cloneNode(true).firstElementChild;
    const part = (name) => item.querySelector(`[data-part="${name}"]`);
    const place = one.place || one.fields.find(([name]) => name === "where" || name === "building")?.[1];
    const count = one.pictures.length ? `${one.pictures.length} 张照片` : "";
    item.dataset.id = one.id;
    part("what").textContent = title(one);
    part("state").textContent = STATES[one.state];
    part("state").classList.toggle("good", one.state === "sent");
    part("state").classList.toggle("late", one.state === "returned");
    part("facts").textContent = [place, `${when(one.at)} 记下`, count].filter(Boolean).join(" · ");
    part("why").hidden = !one.why || one.state !== "returned";
    part("why").textContent = `没有收下:${one.why}`;
    item.querySelector(".toolbar").hidden = one.state === "sent";
    item.querySelector("[data-do=edit]").hidden = one.state !== "returned";
    if (one.state === "sent") tellBecame(part("became"), one);
    return item;
  };

  const tellBecame = (line, one) => {
    line.hidden = false;
    const link = document.createElement("a");
    link.href = one.open ? `/tickets/${one.number}` : `/r/${one.receipt}`;
    link.textContent = one.open ? one.number : one.receipt;
    line.append(one.open ? "工单 " : one.number ? `已成工单 ${one.number},由别的岗位办理。回执号 ` : "正在分派。回执号 ", link);
    if (one.open && "whistles" in byId("patrol").dataset) {
      const whistle = document.createElement("a");
      whistle.href = `/tickets/${one.number}/whistle`;
      whistle.textContent = "吹哨,叫部门来";
      line.append(" · ", whistle);
    }
  };

  let drawn = "";
  const list = async () => {
    const all = (await patrol.all()).filter((one) => one.state !== "draft");
    const own = all.filter((one) => one.account === account).sort((a, b) => b.at - a.at);
    const others = all.filter((one) => one.account !== account && one.state !== "sent").length;
    const looks = JSON.stringify([became, navigator.onLine, others, own.map((one) => ({ ...one, pictures: one.pictures.length }))]);
    if (looks === drawn) return own;
    drawn = looks;
    const waiting = own.filter((one) => one.state === "waiting").length;
    document.querySelectorAll("[data-group]").forEach((group) => {
      const rows = own.filter((one) => one.state === group.dataset.group);
      group.hidden = !rows.length;
      group.querySelector("ul").replaceChildren(...rows.map(row));
    });
    byId("none").hidden = own.length > 0;
    byId("count").hidden = !waiting;
    byId("count").textContent = `${waiting} 件等待发送`;
    byId("others").hidden = !others;
    byId("others").textContent = `本机还有别的账号的 ${others} 件没有发送,请那位同事登录后打开这一页。`;
    byId("login").hidden = became !== "login" || !waiting;
    const line = !navigator.onLine ? "offline" : waiting ? became : "idle";
    byId("line").textContent = line === "login" ? `还有 ${waiting} 件等待发送。` : LINES[line];
    byId("line").hidden = line === "idle" && !own.length;
    return own;
  };

  // -- sending ------------------------------------------------------------------------------------------

  let wait = 5_000;
  let again;
  let under = null;
  const send = () => {
    clearTimeout(again);
    if (under) { under.more = true; return; }
    under = { more: false };
    became = "sending";
    list();
    patrol.drain().catch(() => "late").then(async (now) => {
      const { more } = under;
      under = null;
      became = now;
      await list();
      follow();
      if (more) send();
      else if (now === "late") again = setTimeout(send, wait = Math.min(wait * 2, 300_000));
      else wait = 5_000;
    });
  };

  // From the receipt to the ticket, where this account may see it.
  let looking;
  const follow = async () => {
    clearTimeout(looking);
    const open = (await list()).filter((one) => one.state === "sent" && !one.number);
    for (const one of open) await look(one).catch(() => {});
    if (open.length && document.visibilityState === "visible") looking = setTimeout(follow, 20_000);
  };
  const look = async (one) => {
    const answer = await fetch(`/api/v1/complaints/${one.receipt}`);
    const { number } = answer.ok ? await answer.json() : {};
    if (!number) return;
    const seen = await fetch(`/api/v1/tickets/${number}`);
    await patrol.change(one.id, { number, open: seen.ok });
    await list();
  };

  // -- wiring -------------------------------------------------------------------------------------------

  const edit = async (id) => {
    if (!isEmpty()) { wrong("表里还有没记下的一件:请先记下或清空,再修改被退回的。", form.elements.text); return; }
    const one = (await patrol.all()).find((each) => each.id === id);
    if (!one) return;
    fill(one);
    await inTurn(async () => patrol.put(await entry(draftId, "draft"), id));
    patrol.tell();
    await list();
    form.elements.text.focus();
  };
  const drop = (id) => {
    byId("drop").dataset.id = id;
    byId("drop").showModal();
  };
  byId("drop-yes").addEventListener("click", async () => {
    await patrol.remove(byId("drop").dataset.id);
    byId("drop").close();
    patrol.tell();
    await list();
    byId("queue-title").focus();
  });
  byId("queue").addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) ({ edit, drop })[button.dataset.do](button.closest("li").dataset.id);
  });
  let saving = false; // pressed twice it is still one
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (saving) return;
    saving = true;
    save().finally(() => { saving = false; });
  });
  form.addEventListener("input", draft);
  const ready = async () => {
    byId("ready").hidden = !(await caches.match("/patrol", { cacheName: patrol.NAME }));
  };
  new BroadcastChannel(patrol.NAME).addEventListener("message", () => { list(); ready(); });
  addEventListener("online", () => { list(); send(); });
  addEventListener("offline", list);
  addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());

  byId("queue").hidden = false;
  byId("queue-title").tabIndex = -1;
  const all = kept.filter((one) => one.account === account);
  const begun = all.find((one) => one.id === draftId);
  const last = all.filter((one) => one.place).sort((a, b) => b.at - a.at)[0];
  if (begun) fill(begun);
  else if (last && !form.elements.where.value) form.elements.where.value = last.place;
  else if (byId("places").options.length === 1) form.elements.where.value = byId("places").options[0].value;
  form.dataset.kept = "yes"; // from here on submitting means: written down
  navigator.serviceWorker.register("/patrol/worker.js", { scope: "/patrol" }).catch(() => {});
  ready();
  send();
});
