/* Finds the stores of a key. Loaded, with the index of all keys, when somebody looks for one. Nothing leaves the
   site. */
(() => {
  "use strict";

  const here = document.currentScript.src;
  const root = new URL("../", here);

  const matches = ([first, ...others], key) => {
    if (!others.length) return key === first;
    let position = first.length;
    const last = others.pop();
    for (const part of others) {
      const found = key.indexOf(part, position);
      if (found < 0) return false;
      position = found + part.length;
    }
    return key.length - last.length >= position && key.endsWith(last);
  };

  /* Of equal starts: whole keys and names, then patterns of whole stores, then those of single keys. */
  const rank = ({ parts, isKey }) => (parts.length > 1 ? 2 : 0) + (isKey ? 1 : 0);

  const indexed = (stores) => {
    const starts = new Map();
    let longest = 0;
    for (const [name, address, patterns, keys = []] of stores) {
      const add = (parts, isKey) => {
        const [start] = parts;
        if (!starts.has(start)) starts.set(start, []);
        starts.get(start).push({ name, address: address && new URL(address, root).href, parts, isKey });
        longest = Math.max(longest, start.length);
      };
      for (const parts of patterns) add(parts, false);
      for (const parts of keys) add(parts, true);
    }
    for (const found of starts.values()) found.sort((one, other) => rank(one) - rank(other));

    /* The stores that a key may belong to, those with the longest start first. */
    const find = (key) => {
      const found = new Map();
      for (let length = Math.min(key.length, longest); length; length--) {
        for (const each of starts.get(key.slice(0, length)) ?? []) {
          if (!found.has(each.name) && matches(each.parts, key)) {
            found.set(each.name, { name: each.name, address: each.address, pattern: each.parts.join("*") });
          }
        }
      }
      return Array.from(found.values());
    };

    /* The ranks of the rows of a table for a key, from 1; 0 for those that have no part in it; null for nobody's key. */
    find.ranks = (key, { rows, data }) => {
      const column = data.columns.indexOf("name");
      // The id of a store with a namespace has points for the colons.
      const idOf = (name) => (name.includes(":") ? `store.${name.replaceAll(":", ".")}` : `store-${name}`);
      // Without the status behind a name, which is no part of the name.
      const text = (node) => (node.nodeName === "EM" ? "" : node.textContent);
      const nameIn = (cell) => Array.from(cell.childNodes, text).join("").trim();
      const found = new Map(find(key).map(({ name }, position) => [column < 0 ? idOf(name) : name, position + 1]));
      return found.size ? rows.map((row) => found.get(column < 0 ? row.id : nameIn(row.cells[column])) ?? 0) : null;
    };
    return find;
  };

  /* No page has the version of the keys in its address, since an edit of a key does not write pages again. The browser
     asks the server whether the file that it keeps is the newest; of a file on disk it keeps none, and cannot fetch it. */
  const refreshed = async (address) => {
    if (address.protocol === "file:") return;
    try {
      await (await fetch(address, { cache: "no-cache" })).arrayBuffer();
    } catch {
      // The script is loaded all the same, and tells what is wrong.
    }
  };

  const load = (address) =>
    new Promise((resolve, reject) => {
      const data = document.createElement("script");
      data.src = address.href;
      data.addEventListener("load", () => resolve(indexed(window.statestoresKeys ?? [])));
      data.addEventListener("error", reject);
      document.head.append(data);
    });

  const keys = new URL("statestores-keys.js", here);
  window.statestoresFindKey = refreshed(keys).then(() => load(keys));
})();
