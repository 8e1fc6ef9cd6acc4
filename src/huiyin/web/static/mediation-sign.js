// Handwriting under a document: strokes on a canvas become the picture of the form. Without this file a photo of the
// signed page is chosen; that way stays open beside the canvas, for whoever cannot write on glass.
"use strict";
(() => {
  const WIDE = 1200;
  const PEN = 9;
  const LEAST = 260; // so much ink, in the canvas's own pixels, is a name and not a touch by mistake
  const MARGIN = 30;

  const length = (stroke) => stroke.reduce((sum, at, n) => (n ? sum + Math.hypot(at.x - stroke[n - 1].x, at.y - stroke[n - 1].y) : 0), 0);

  const pad = (box) => {
    const part = (name) => box.querySelector(`[data-part="${name}"]`);
    const canvas = part("canvas");
    const said = part("said");
    const photo = box.querySelector("input[type=file]");
    const pen = canvas.getContext("2d");
    let strokes = [];
    let now = null;
    // A phone in the hand has more room below than beside; turned round later, the glass keeps its shape.
    const tall = matchMedia("(max-width: 40rem)").matches;
    const HIGH = tall ? 900 : 600;
    box.classList.toggle("tall", tall);
    canvas.width = WIDE;
    canvas.height = HIGH;

    const line = (stroke) => {
      pen.strokeStyle = pen.fillStyle = "#10201c";
      pen.lineWidth = PEN;
      pen.lineCap = pen.lineJoin = "round";
      pen.beginPath();
      if (stroke.length === 1) {
        pen.arc(stroke[0].x, stroke[0].y, PEN / 2, 0, 2 * Math.PI);
        pen.fill();
        return;
      }
      pen.moveTo(stroke[0].x, stroke[0].y);
      for (let n = 1; n < stroke.length - 1; n += 1) { // through the middles: round where a hand is round
        const [a, b] = [stroke[n], stroke[n + 1]];
        pen.quadraticCurveTo(a.x, a.y, (a.x + b.x) / 2, (a.y + b.y) / 2);
      }
      const last = stroke.at(-1);
      pen.lineTo(last.x, last.y);
      pen.stroke();
    };
    const draw = () => {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, WIDE, HIGH);
      strokes.forEach(line);
      box.classList.toggle("begun", strokes.length > 0);
      box.querySelectorAll("[data-do]").forEach((one) => { one.disabled = !strokes.length; });
    };
    const ink = () => strokes.reduce((sum, one) => sum + length(one), 0);
    const tell = (words, wrong = false) => {
      said.textContent = words;
      said.classList.toggle("wrong", wrong);
    };

    const place = (event) => {
      const frame = canvas.getBoundingClientRect();
      return { x: ((event.clientX - frame.left) * WIDE) / frame.width, y: ((event.clientY - frame.top) * HIGH) / frame.height };
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (now || event.button > 0) return; // a second finger, or the palm, is no pen
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      now = { pointer: event.pointerId, stroke: [place(event)] };
      strokes.push(now.stroke);
      if (photo.files.length) photo.value = "";
      draw();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (now?.pointer !== event.pointerId) return;
      const some = event.getCoalescedEvents?.() ?? [];
      now.stroke.push(...(some.length ? some : [event]).map(place));
      draw();
    });
    const lift = (event) => {
      if (now?.pointer !== event.pointerId) return;
      now = null;
      draw();
      tell(ink() < LEAST ? "请写下完整的名字。" : "已写下。不满意可以撤回一笔或者重写。");
    };
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
    canvas.addEventListener("lostpointercapture", lift);

    const doing = {
      undo: () => { strokes.pop(); tell(strokes.length ? "撤回了一笔。" : "已清空,请重新写。"); },
      clear: () => { strokes = []; tell("已清空,请重新写。"); },
    };
    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (!button) return;
      now = null;
      doing[button.dataset.do]();
      draw();
    });
    photo.addEventListener("change", () => {
      if (!photo.files.length) return;
      strokes = [];
      draw();
      tell("将上传您选的照片,不用屏幕上的签名。");
    });

    // Only the writing: on paper it stands small under many words.
    const picture = () => {
      const all = strokes.flat();
      const [left, top] = [Math.min(...all.map((at) => at.x)), Math.min(...all.map((at) => at.y))].map((at) => Math.max(0, at - MARGIN));
      const right = Math.min(WIDE, Math.max(...all.map((at) => at.x)) + MARGIN);
      const bottom = Math.min(HIGH, Math.max(...all.map((at) => at.y)) + MARGIN);
      const cut = document.createElement("canvas");
      [cut.width, cut.height] = [Math.round(right - left), Math.round(bottom - top)];
      cut.getContext("2d").drawImage(canvas, left, top, cut.width, cut.height, 0, 0, cut.width, cut.height);
      return new Promise((done) => { cut.toBlob(done, "image/png"); });
    };

    // The writing goes as a picture of the form, so that the house takes both ways the same.
    let ready = false;
    box.closest("form").addEventListener("submit", (event) => {
      if (ready || photo.files.length) return;
      const { submitter, target } = event;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (ink() < LEAST) {
        tell("还没有签名:请在上面的框里写下名字,或者上传签字页照片。", true);
        canvas.scrollIntoView({ block: "center" });
        return;
      }
      picture().then((blob) => {
        const files = new DataTransfer();
        files.items.add(new File([blob], "signature.png", { type: "image/png" }));
        photo.files = files.files;
        box.querySelector('[name="form"][value="signature"]').checked = true;
        ready = true;
        target.requestSubmit(submitter);
      });
    }, true);
    // Back from the next page with the writing still there: it is made into a picture anew.
    addEventListener("pageshow", () => {
      if (ready) photo.value = "";
      ready = false;
    });

    part("pad").hidden = false;
    part("photo").open = photo.getAttribute("aria-invalid") === "true";
    draw();
  };

  addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-sign]").forEach(pad));
})();
