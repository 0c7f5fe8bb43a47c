/* A button on each command that copies it. Without this, the command can be selected. No network. */
(() => {
  "use strict";

  const { copy: word, copied } = document.currentScript.dataset;

  /* Pages without HTTPS have no clipboard: there the reader gets the command selected. */
  const copy = (code) => {
    const select = () => {
      const range = document.createRange();
      range.selectNodeContents(code);
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      return document.execCommand("copy");
    };
    return navigator.clipboard
      ? navigator.clipboard.writeText(code.textContent.trimEnd()).then(() => true, select)
      : Promise.resolve(select());
  };

  const start = () => {
    for (const box of document.querySelectorAll(".statestore-command")) {
      const code = box.querySelector("pre");
      // Some themes have buttons of their own on all code.
      if (!code || box.querySelector("button")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "statestore-copy";
      button.textContent = word;
      button.setAttribute("aria-live", "polite");
      button.addEventListener("click", async () => {
        if (!(await copy(code))) return;
        button.textContent = copied;
        setTimeout(() => (button.textContent = word), 2000);
      });
      box.append(button);
    }
  };

  if (document.readyState === "complete") start();
  else window.addEventListener("load", start);
})();
