// Pictures are made small on the phone, which also leaves behind where and with what they were taken.
"use strict";
(() => {
  const LONGEST = 1600;
  const QUALITY = 0.85;

  // A file → a JPEG of at most LONGEST pixels. Rejects where the browser cannot read it.
  window.shrinkPicture = async (file) => {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const drawn = canvas.getContext("2d");
    drawn.fillStyle = "#fff";
    drawn.fillRect(0, 0, canvas.width, canvas.height);
    drawn.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
    if (!blob) throw new Error("no picture");
    return blob;
  };

  // A field with its shots: they are taken one by one, shown small, and can be taken out again.
  const field = (box) => {
    const input = box.querySelector("input[type=file]:not([capture])");
    const shots = box.querySelector("[data-shots]");
    const said = box.querySelector("[data-said]");
    const most = Number(input.dataset.most);
    box.dataset.kept = "1";
    let chosen = [];
    let work = Promise.resolve();
    let waiting = 0;

    const put = () => {
      const files = new DataTransfer();
      chosen.forEach((one) => files.items.add(one));
      input.files = files.files;
      shots.replaceChildren(...chosen.map(shot));
      box.dispatchEvent(new Event("input", { bubbles: true }));
    };
    // Another script of the page puts small ones in, or takes all out.
    box.addEventListener("pictures", (event) => { chosen = event.detail; put(); });

    const shot = (file, at) => {
      const item = document.createElement("li");
      const canvas = document.createElement("canvas");
      const button = document.createElement("button");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `第 ${at + 1} 张照片`);
      button.type = "button";
      button.className = "quiet small-button";
      button.textContent = "去掉";
      button.setAttribute("aria-label", `去掉第 ${at + 1} 张照片`);
      button.addEventListener("click", () => {
        chosen = chosen.filter((one) => one !== file);
        put();
        said.textContent = `还有 ${chosen.length} 张。`;
        input.focus();
      });
      item.append(canvas, button);
      draw(canvas, file);
      return item;
    };

    const add = async (files) => {
      let words = "";
      for (const file of files) {
        if (chosen.length >= most) {
          words = `最多 ${most} 张,多的没有加上。`;
          break;
        }
        try {
          const blob = await window.shrinkPicture(file);
          chosen = [...chosen, new File([blob], "picture.jpg", { type: "image/jpeg" })];
        } catch {
          words = "有一张打不开,没有加上。请换成 JPEG 照片,或重新拍一张。";
        }
      }
      put();
      said.textContent = words || `已选 ${chosen.length} 张,已在本机缩小。`;
    };

    box.querySelectorAll("input[type=file]").forEach((one) => {
      one.addEventListener("change", () => {
        const files = [...one.files];
        if (one !== input) one.value = "";
        said.textContent = "正在缩小照片……";
        waiting += 1;
        work = work.then(() => add(files)).finally(() => { waiting -= 1; });
      });
    });
    // What is still being made small is waited for.
    box.closest("form")?.addEventListener("submit", (event) => {
      if (!waiting) return;
      const { submitter, target } = event;
      event.preventDefault();
      event.stopImmediatePropagation();
      work.then(() => target.requestSubmit(submitter));
    }, true);
  };

  const draw = async (canvas, file) => {
    const [across, down] = [canvas.width, canvas.height] = [320, 240];
    const picture = await createImageBitmap(file);
    const scale = Math.max(across / picture.width, down / picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    canvas.getContext("2d").drawImage(picture, (across - width) / 2, (down - height) / 2, width, height);
    picture.close();
  };

  // A click on a small picture shows it large; without this the link opens it.
  const enlarge = (link) => {
    const box = document.createElement("dialog");
    box.className = "enlarged";
    box.setAttribute("aria-label", link.querySelector("img").alt);
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "关闭";
    close.addEventListener("click", () => box.close());
    const picture = document.createElement("img");
    picture.src = link.href;
    picture.alt = link.querySelector("img").alt;
    box.append(picture, close);
    box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
    box.addEventListener("close", () => { box.remove(); link.focus(); });
    document.body.append(box);
    box.showModal();
  };

  addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-pictures]").forEach(field);
    document.body.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-picture]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      enlarge(link);
    });
  });
})();
