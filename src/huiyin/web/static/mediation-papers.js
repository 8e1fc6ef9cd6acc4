// A paper takes a moment to be printed: it is said that it is on its way, and what was wrong; without this a plain link.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const said = document.getElementById("print-said");
  const save = async (link) => {
    const answer = await fetch(link.href, { headers: { Accept: "application/pdf, application/json" } });
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      throw new Error(problem.detail || "没有生成,请稍后再试。");
    }
    const file = document.createElement("a");
    file.href = URL.createObjectURL(await answer.blob());
    file.download = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") || "")?.[1] || "";
    document.body.append(file);
    file.click();
    file.remove();
    setTimeout(() => URL.revokeObjectURL(file.href), 60000);
    return answer.headers.get("x-huiyin-lost") || "";
  };
  document.querySelectorAll("a[data-print]").forEach((link) => {
    link.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (link.getAttribute("aria-busy")) return;
      link.setAttribute("aria-busy", "true");
      const name = link.getAttribute("aria-label") || link.textContent;
      said.textContent = `正在生成:${name} …`;
      try {
        const lost = await save(link);
        said.textContent = lost
          ? `已生成:${name}。服务器的字体里没有这些字:${lost},PDF 中印作 〓。请用 DOCX,或请管理员装上字体以后再印。`
          : `已生成:${name}。`;
      } catch (error) {
        said.textContent = error.message;
      }
      link.removeAttribute("aria-busy");
    });
  });
});
