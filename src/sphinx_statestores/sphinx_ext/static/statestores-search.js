/* Tells under each state store that the search has found where it is and what it is for. */
(() => {
  "use strict";

  const { src: here, dataset: { notes: file } } = document.currentScript;

  /* The notes are large: they are loaded where there is a search, and nowhere else. */
  const load = () => {
    if (!document.getElementById("search-results")) return;
    const notes = document.createElement("script");
    notes.src = new URL(file, here).href;
    notes.addEventListener("load", start);
    document.head.append(notes);
  };

  const start = () => {
    const notes = new Map(Object.entries(window.statestoresNotes ?? {}));

    const explain = (link) => {
      if (!(link.hash ?? "").startsWith("#store-")) return;
      const name = decodeURIComponent(link.hash.slice("#store-".length));
      const item = link.closest("li");
      // Only the store itself, and not a section or a page that happens to be found at the same place.
      if (!item || link.textContent !== name || !notes.has(name) || item.querySelector(".statestore-note")) return;
      const note = document.createElement("p");
      note.className = "context statestore-note";
      note.textContent = notes.get(name);
      item.append(note);
    };

    // Results come one by one, and each theme has its own place for them.
    new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.addedNodes) {
          if (node.nodeType !== Node.ELEMENT_NODE) continue;
          if (node.matches("a[href]")) explain(node);
          node.querySelectorAll("a[href]").forEach(explain);
        }
      }
    }).observe(document.body, { childList: true, subtree: true });
    document.querySelectorAll("li a[href]").forEach(explain);
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", load);
  else load();
})();
