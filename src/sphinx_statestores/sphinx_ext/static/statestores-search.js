/* Tells under each state store that the search has found where it is and what it is for; finds those of other sites,
   and those of a key. */
(() => {
  "use strict";

  const ELSEWHERE = 20; // stores of other sites

  const { src: here, dataset: { notes: file, key: title, finder: script } } = document.currentScript;

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
      // The id of a store with a namespace has points for the colons.
      if (!/^#store[-.]/.test(link.hash ?? "")) return;
      const name = link.textContent;
      const id = name.includes(":") ? `store.${name.replaceAll(":", ".")}` : `store-${name}`;
      const item = link.closest("li");
      // Only the store itself, and not a section or a page that happens to be found at the same place.
      if (!item || decodeURIComponent(link.hash.slice(1)) !== id || !notes.has(name) || item.querySelector(".statestore-note")) return;
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
    tellElsewhere(window.statestoresElsewhere ?? []);
    tellKey(notes);
  };

  /* What is searched for may be a key: the stores that it may belong to, those with the longest start first. */
  const tellKey = (notes) => {
    const key = (new URLSearchParams(location.search).get("q") ?? "").trim();
    if (!key || /\s/.test(key)) return;
    const finder = document.createElement("script");
    finder.src = new URL(script, here).href;
    finder.addEventListener("load", async () => {
      const found = (await window.statestoresFindKey)(key);
      if (!found.length) return;
      const head = document.createElement("p");
      head.className = "statestore-key";
      head.textContent = title;
      const list = document.createElement("ul");
      list.className = "search statestore-owners";
      for (const { name, address, pattern } of found) list.append(hit(name, address, notes.get(name), pattern));
      document.getElementById("search-results").before(head, list);
    });
    document.head.append(finder);
  };

  /* A store in a list of results. */
  const hit = (name, address, note, pattern) => {
    const item = document.createElement("li");
    const link = document.createElement(address ? "a" : "span");
    if (address) link.href = address;
    link.textContent = name;
    item.append(link);
    if (pattern) {
      const code = document.createElement("code");
      code.textContent = pattern;
      item.append(" ", code);
    }
    if (note) {
      const text = document.createElement("p");
      text.className = "context statestore-note";
      text.textContent = note;
      item.append(text);
    }
    return item;
  };

  /* Stores of other sites are not in the search index of this one: those whose names have all words come first. */
  const tellElsewhere = (stores) => {
    const words = (new URLSearchParams(location.search).get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const found = words.length ? stores.filter(([name]) => words.every((word) => name.toLowerCase().includes(word))) : [];
    if (!found.length) return;
    const list = document.createElement("ul");
    list.className = "search statestore-elsewhere";
    for (const [name, address, note] of found.slice(0, ELSEWHERE)) list.append(hit(name, address, note));
    document.getElementById("search-results").before(list);
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", load);
  else load();
})();
