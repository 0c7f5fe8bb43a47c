/* Search, facets, sorting and columns of tables. All rows stay in the page. */
(() => {
  "use strict";

  const FEW = 12; // values of a facet that are shown side by side; more are a list that can be opened
  const MANY = 30; // values from which the list has a box to narrow it
  const AT_ONCE = 100; // rows that are laid out before a change is shown; the others follow
  const LARGE = 2000; // rows from which the others follow when the reader gets there
  const KEY = /^\S*[:/_.]\S*$/; // what may be a key, or the name of a table
  const WORD = /^\S+$/;

  const { src: here, dataset } = document.currentScript;

  /* What finds the rows of a key. It is loaded when somebody looks for one. */
  let keys = null;
  let loading = null;
  const load = () =>
    new Promise((resolve) => {
      const script = make("script", { src: new URL(dataset.finder, here).href });
      script.addEventListener("load", async () => resolve((keys = await window.statestoresFindKey)));
      document.head.append(script);
    });

  const make = (tag, attributes, ...content) => {
    const made = document.createElement(tag);
    for (const name of Object.keys(attributes)) made.setAttribute(name, attributes[name]);
    made.append(...content); // texts are texts, never markup
    return made;
  };

  const group = (name, label, ...content) => make("div", { class: name, role: "group", "aria-label": label }, ...content);

  const button = (attributes, ...content) => make("button", Object.assign({ type: "button" }, attributes), ...content);

  /* Without case and accents. */
  const folded = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

  /* The page's, or the reader's own. */
  const LANGUAGE = (() => {
    try {
      return Intl.getCanonicalLocales(document.documentElement.lang)[0];
    } catch (error) {
      return undefined;
    }
  })();
  const numbers = new Intl.NumberFormat(LANGUAGE);
  const collator = new Intl.Collator(LANGUAGE, { numeric: true });

  /* The bytes of a text such as "12 MiB", or 0. */
  const sizeOf = (text) => {
    const size = /^(\d+)\s(?:([KMGTP])i)?B$/.exec(text);
    return size ? size[1] * 1024 ** " KMGTP".indexOf(size[2] || " ") : 0;
  };

  const whenIdle = window.requestIdleCallback
    ? (work) => window.requestIdleCallback(work, { timeout: 500 })
    : (work) => setTimeout(work, 50);

  /* Whether the reader begins at the top. A browser that comes back goes to where it was. */
  const isNew = () => {
    const [entry] = performance.getEntriesByType("navigation");
    return !location.hash && !!entry && entry.type === "navigate";
  };

  // -- the texts of rows ---------------------------------------------------------------

  /* Without the status behind a name, which is no part of the name. */
  const content = (node) => Array.from(node.childNodes).filter((child) => child.nodeName !== "EM");

  const csvCell = (cell) => {
    let text = content(cell).map((node) => node.textContent).join("").trim().replace(/\s+/g, " ");
    if (/^['=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text)) text = `'${text}`; // a spreadsheet would take it for a formula
    return /[",]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };

  const markdownCell = (cell) => {
    const parts = (node) =>
      content(node).map((child) => {
        if (child.nodeName === "CODE") {
          const text = child.textContent;
          const runs = text.match(/`+/g) || [];
          const fence = "`".repeat(runs.reduce((longest, run) => Math.max(longest, run.length), 0) + 1);
          const space = /^`|`$/.test(text) ? " " : "";
          return fence + space + text + space + fence;
        }
        if (child.nodeType !== Node.TEXT_NODE) return parts(child);
        return child.data.replace(/[\\`*[\]<~$]|&(?=#?\w+;)|_/g, (mark, at, text) =>
          // An underscore within a word is no markup.
          mark === "_" && /[^\W_]/.test(text[at - 1] || "") && /[^\W_]/.test(text[at + 1] || "") ? mark : `\\${mark}`
        );
      }).join("");
    return parts(cell).trim().replace(/\s+/g, " ").replace(/\|/g, "\\|");
  };

  const copy = (text) => {
    const byHand = () => {
      // Pages without HTTPS have no clipboard.
      const area = make("textarea", { readonly: "" });
      const focused = document.activeElement;
      area.value = text;
      area.style.position = "fixed";
      area.style.opacity = "0";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (focused) focused.focus();
      return done ? Promise.resolve() : Promise.reject(new Error("copy"));
    };
    return navigator.clipboard ? navigator.clipboard.writeText(text).catch(byHand) : byHand();
  };

  // -- one table -----------------------------------------------------------------------

  class Tools {
    /* *changed* is told of each change by the reader; true when it continues the last one. */
    constructor(table, data, changed) {
      this.table = table;
      this.data = data;
      this.words = data.words;
      this.changed = changed;
      this.heads = Array.from(table.tHead.rows[0].cells);
      this.rows = [];
      this.groups = Array.from(table.tBodies, (body) => {
        const rows = Array.from(body.rows);
        const head = rows.length && rows[0].matches(".statestore-group") ? rows.shift() : null;
        const first = this.rows.length;
        for (const row of rows) this.rows.push(row);
        return { body, head, order: rows.map((row, position) => first + position) };
      });
      const number = this.rows.length;
      this.shown = new Uint8Array(number).fill(1); // passes the filters
      this.laid = new Uint8Array(number).fill(1); // is laid out; the others have `hidden`
      this.isMoved = isNew(); // whether all rows have to be laid out again
      this.isRead = number <= LARGE || !this.isMoved; // whether rows are laid out that nobody may look at
      this.isWaiting = false;
      this.target = -1;
      this.texts = null; // of rows, as the search compares them
      this.owners = null; // of the key that is searched for: the ranks of the rows, 0 for those of other stores
      this.ranks = [];
      this.hidden = new Set();
      this.query = "";
      this.sort = "";
      this.facets = data.facets.map((facet) => ({
        field: facet.field,
        title: facet.title,
        rows: facet.rows,
        values: facet.values,
        index: new Map(facet.values.map(([value], position) => [value, position])),
        pressed: new Set(), // positions of values
        buttons: [],
        numbers: [],
      }));
      this.build();
      this.filter();
      this.showRows();
      this.count();
    }

    // -- elements

    build() {
      const { words, table } = this;
      this.box = table.closest(".statestore-box");
      this.search = make("input", {
        type: "search",
        placeholder: words.search,
        "aria-label": words.search,
        autocomplete: "off",
        spellcheck: "false",
      });
      this.clear = button({ class: "statestore-clear" }, words.clear);
      this.status = make("div", { class: "statestore-count", role: "status" });
      const tools = group(
        "statestore-tools",
        words.tools,
        this.search,
        ...this.facets.filter((facet) => facet.values.length > FEW).map((facet) => this.facetList(facet)),
        this.columnList(),
        this.exportList(),
        this.clear,
        ...this.facets.filter((facet) => facet.values.length <= FEW).map((facet) => this.facetLine(facet)),
        this.status
      );
      this.heads.forEach((head, position) => {
        const key = this.data.columns[position];
        const holder = head.querySelector("p") || head;
        const sort = button({ class: "statestore-sort" });
        sort.append(...holder.childNodes);
        holder.append(sort);
        sort.addEventListener("click", () => {
          this.apply({ sort: this.sort === key ? `-${key}` : this.sort === `-${key}` ? "" : key });
        });
      });
      this.search.addEventListener("input", () => this.apply({ query: this.search.value }, true));
      this.clear.addEventListener("click", () => {
        this.show(new URLSearchParams());
        this.changed(false);
        this.search.focus();
      });
      tools.addEventListener("keydown", (event) => {
        const open = event.key === "Escape" && event.target.closest("details[open]");
        if (!open) return;
        open.open = false;
        open.firstElementChild.focus();
      });
      let outer = table;
      while (outer.parentElement !== this.box) outer = outer.parentElement;
      outer.before(tools); // the table stays where it is: a browser would style each row again
      this.box.classList.add("statestore-interactive");
    }

    facetButtons(facet) {
      facet.buttons = facet.values.map(([value, label], position) => {
        const number = make("span", { class: "statestore-number" });
        facet.numbers.push(number);
        const made = button({ "data-field": facet.field, "data-value": value, "aria-pressed": "false" }, label, " ", number);
        made.addEventListener("click", () => {
          const pressed = new Set(facet.pressed);
          if (!pressed.delete(position)) pressed.add(position);
          this.apply({ facets: new Map([[facet, pressed]]) });
        });
        return made;
      });
      return facet.buttons;
    }

    facetLine(facet) {
      const title = make("span", { "aria-hidden": "true" }, `${facet.title}:`);
      return group("statestore-facet", facet.title, title, ...this.facetButtons(facet));
    }

    facetList(facet) {
      const list = this.list(facet.title, ...this.facetButtons(facet));
      list.className = "statestore-facet-list";
      facet.label = list.querySelector("span");
      if (facet.values.length > MANY) {
        facet.box = make("input", { type: "text", placeholder: this.words.narrow, "aria-label": this.words.narrow });
        facet.box.addEventListener("input", () => this.fold(facet));
        list.lastChild.prepend(facet.box);
      }
      return list;
    }

    /* Of a long list, show what selects rows and has the words of the box. */
    fold(facet) {
      const wanted = facet.box ? folded(facet.box.value.trim()) : "";
      facet.buttons.forEach((each, position) => {
        const isFound = facet.counts[position] > 0 && folded(facet.values[position][1]).includes(wanted);
        each.hidden = !isFound && !facet.pressed.has(position);
      });
    }

    columnList() {
      this.boxes = this.heads.map((head, position) => {
        const box = make("input", { type: "checkbox", value: this.data.columns[position] });
        box.checked = true;
        box.addEventListener("change", () => {
          const hidden = new Set(this.boxes.filter((each) => !each.checked).map((each) => each.value));
          if (hidden.size === this.boxes.length) box.checked = true; // a table has a column
          else this.apply({ hidden });
        });
        return box;
      });
      const labels = this.boxes.map((box, position) => make("label", {}, box, this.heads[position].textContent.trim()));
      return this.list(this.words.columns, ...labels);
    }

    exportList() {
      const { words } = this;
      const toCopy = (word, text) => {
        const made = button({}, word);
        made.addEventListener("click", () => {
          const tell = (said) => () => (this.status.textContent = `${this.told} ${said}`);
          copy(text()).then(tell(words.copied), tell(words.failed));
        });
        return made;
      };
      const file = button({}, words.file);
      file.addEventListener("click", () => {
        const link = make("a", { download: `${this.key}.csv` });
        const mark = "\ufeff"; // by which spreadsheets know UTF-8
        link.href = URL.createObjectURL(new Blob([mark, this.csv()], { type: "text/csv" }));
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      });
      return this.list(
        words.export,
        toCopy(words.markdown, () => this.markdown()),
        toCopy(words.csv, () => this.csv()),
        file
      );
    }

    list(title, ...content) {
      const summary = make("summary", {}, make("span", {}, title));
      return make("details", {}, summary, group("statestore-choices", title, ...content));
    }

    // -- state

    /* The state, for the URL. */
    get view() {
      const view = new URLSearchParams();
      if (this.query.trim()) view.append("q", this.query.trim());
      for (const facet of this.facets) {
        for (const position of facet.pressed) view.append(facet.field, facet.values[position][0]);
      }
      if (this.sort) view.append("sort", this.sort);
      for (const key of this.hidden) view.append("hide", key);
      return view.toString();
    }

    /* Show a state, as far as the table has it. */
    show(view) {
      const columns = this.data.columns;
      const facets = new Map();
      for (const facet of this.facets) {
        const positions = view.getAll(facet.field).map((value) => facet.index.get(value));
        facets.set(facet, new Set(positions.filter((position) => position !== undefined)));
      }
      const sort = view.get("sort") || "";
      const hidden = new Set(view.getAll("hide").filter((key) => columns.includes(key)));
      const query = view.get("q") || "";
      if (query !== this.query.trim()) this.search.value = query;
      this.update({
        query: query === this.query.trim() ? this.query : query,
        facets,
        sort: columns.includes(sort.replace(/^-/, "")) ? sort : "",
        hidden: hidden.size < columns.length ? hidden : new Set(),
      });
    }

    apply(change, continues = false) {
      this.update(change);
      this.changed(continues);
    }

    update({ query = this.query, facets = new Map(), sort = this.sort, hidden = this.hidden }) {
      this.query = query;
      facets.forEach((pressed, facet) => (facet.pressed = pressed));
      this.mark(-1);
      this.arrange(sort, hidden);
    }

    arrange(sort, hidden) {
      const before = this.owners;
      this.owners = this.ownersOf(KEY);
      this.filter();
      // The name of a table may be any word: one that no row has.
      if (!this.owners && !this.shown.includes(1) && (this.owners = this.ownersOf(WORD))) this.filter();
      const isSorted = sort !== this.sort || this.owners !== before;
      this.sort = sort;
      if (isSorted) this.order();
      this.showRows();
      if ([...hidden].join() !== [...this.hidden].join()) this.showColumns(hidden);
      this.count();
    }

    // -- rows

    readTexts() {
      this.texts = this.rows.map((row) => folded(Array.from(row.cells, (cell) => cell.textContent).join("\n")));
    }

    /* Whose key is searched for; null when it is nobody's, or not known yet. */
    ownersOf(pattern) {
      const key = this.query.trim();
      if (!pattern.test(key)) return null;
      if (!keys) (loading = loading || load()).then(() => this.arrange(this.sort, this.hidden));
      return keys && keys.ranks(key, this);
    }

    /* Which rows pass, and how many would with each value of a facet beside the other facets. */
    filter() {
      const words = folded(this.query).split(/\s+/).filter(Boolean);
      const facets = this.facets;
      if (words.length && !this.texts) this.readTexts();
      for (const facet of facets) facet.counts = new Uint32Array(facet.values.length);
      for (let position = 0; position < this.rows.length; position++) {
        let failed = null;
        const passes = this.owners ? this.owners[position] : words.every((word) => this.texts[position].includes(word));
        let failures = passes ? 0 : 2;
        for (const facet of facets) {
          if (failures > 1) break;
          if (facet.pressed.size && !facet.rows[position].some((value) => facet.pressed.has(value))) {
            failures++;
            failed = facet;
          }
        }
        this.shown[position] = failures ? 0 : 1;
        if (failures > 1) continue;
        for (const facet of failed ? [failed] : facets) {
          for (const value of facet.rows[position]) facet.counts[value]++;
        }
      }
    }

    /* The positions of rows by a column: empty cells come last, whichever way. */
    rank(column) {
      if (!this.ranks[column]) {
        const texts = this.rows.map((row) => row.cells[column].textContent.trim());
        const sorted = Array.from(new Set(texts)).sort((one, other) => sizeOf(one) - sizeOf(other) || collator.compare(one, other));
        const ranks = new Map(sorted.map((text, position) => [text, position + 1]));
        ranks.delete("");
        this.ranks[column] = texts.map((text) => ranks.get(text) || 0);
      }
      return this.ranks[column];
    }

    order() {
      const isDown = this.sort.startsWith("-");
      const column = this.data.columns.indexOf(isDown ? this.sort.slice(1) : this.sort);
      this.heads.forEach((head, position) => {
        if (position === column) head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      const ranks = column < 0 ? this.owners : this.rank(column);
      const compare = (one, other) => {
        if (!ranks || ranks[one] === ranks[other]) return one - other;
        if (!ranks[one] || !ranks[other]) return ranks[one] ? -1 : 1;
        return isDown ? ranks[other] - ranks[one] : ranks[one] - ranks[other];
      };
      for (const group of this.groups) {
        group.order.sort(compare);
        // Outside of the page, rows move without being laid out.
        const next = group.body.nextSibling;
        group.body.remove();
        for (const position of group.order) group.body.append(this.rows[position]);
        this.table.insertBefore(group.body, next);
      }
      this.isMoved = true;
    }

    /* Show what can be seen at once, and the rest later. */
    showRows() {
      let number = 0;
      for (const group of this.groups) {
        const before = number;
        for (const position of group.order) {
          const isShown = this.isShown(position);
          if (isShown) number++;
          // A row that is laid out already costs nothing where it is.
          const isKept = this.isRead && !this.isMoved && !!this.laid[position];
          this.lay(position, isShown && (isKept || number <= AT_ONCE));
        }
        if (group.head) group.head.hidden = number === before;
      }
      this.number = number;
      // Of a large table, each row would be styled again.
      if (this.rows.length <= LARGE) this.box.classList.toggle("statestore-filtered", number < this.rows.length);
      this.isMoved = false;
      this.step = AT_ONCE;
      this.wait();
    }

    isShown(position) {
      return !!this.shown[position] || position === this.target;
    }

    lay(position, isLaid) {
      if (this.laid[position] === +isLaid) return;
      this.laid[position] = +isLaid;
      this.rows[position].hidden = !isLaid;
    }

    wait() {
      if (this.isWaiting) return;
      this.isWaiting = true;
      whenIdle(() => {
        this.isWaiting = false;
        if (this.isRead && this.catchUp((this.step *= 2))) this.wait();
        else if (!this.texts) this.readTexts(); // before the first search needs them
      });
    }

    /* Lay out so many rows that are not yet; return whether there are more. */
    catchUp(most) {
      for (const group of this.groups) {
        for (const position of group.order) {
          if (this.laid[position] || !this.isShown(position)) continue;
          if (!most--) return true;
          this.lay(position, true);
        }
      }
      return false;
    }

    showColumns(hidden) {
      this.hidden = hidden;
      const isHidden = this.data.columns.map((key) => hidden.has(key));
      const head = this.table.tHead.rows[0];
      for (const row of [head, ...this.rows]) {
        for (let column = 0; column < isHidden.length; column++) row.cells[column].hidden = isHidden[column];
      }
      for (const group of this.groups) {
        if (group.head) group.head.cells[0].colSpan = isHidden.length - hidden.size;
      }
      this.boxes.forEach((box, column) => (box.checked = !isHidden[column]));
    }

    mark(position) {
      if (this.target >= 0) this.rows[this.target].classList.remove("statestore-target");
      this.target = position;
      if (position >= 0) this.rows[position].classList.add("statestore-target");
    }

    /* Show a row whatever is filtered. */
    reveal(row) {
      this.mark(this.rows.indexOf(row));
      this.isRead = true;
      this.showRows();
      this.catchUp(Infinity);
      this.count();
      row.scrollIntoView({ block: "center" });
    }

    count() {
      for (const facet of this.facets) {
        facet.numbers.forEach((number, position) => {
          const text = numbers.format(facet.counts[position]);
          if (number.textContent !== text) number.textContent = text;
          const isPressed = String(facet.pressed.has(position));
          const each = facet.buttons[position];
          each.classList.toggle("statestore-none", !facet.counts[position]);
          if (each.getAttribute("aria-pressed") !== isPressed) each.setAttribute("aria-pressed", isPressed);
        });
        if (!facet.label) continue;
        this.fold(facet);
        const pressed = facet.values.filter((value, position) => facet.pressed.has(position)).map((value) => value[1]);
        facet.label.textContent = pressed.length ? `${facet.title}: ${pressed.join(", ")}` : facet.title;
      }
      const told = { shown: this.number, all: this.rows.length };
      this.told = this.words.count.replace(/\{(shown|all)\}/g, (field, name) => numbers.format(told[name]));
      if (this.status.textContent !== this.told) this.status.textContent = this.told;
      this.clear.disabled = !this.view;
    }

    // -- what is shown, as a text

    get lines() {
      const lines = [this.table.tHead.rows[0]];
      for (const group of this.groups) {
        for (const position of group.order) if (this.isShown(position)) lines.push(this.rows[position]);
      }
      return lines.map((row) => Array.from(row.cells).filter((cell) => !cell.hidden));
    }

    csv() {
      return this.lines.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
    }

    markdown() {
      const [head, ...rows] = this.lines.map((cells) => cells.map(markdownCell));
      return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
    }
  }

  // -- all tables of the page, and its URL ----------------------------------------------

  const root = document.documentElement;

  const start = () => {
    root.classList.remove("statestore-loading");
    const all = Array.from(document.querySelectorAll("script.statestore-table-data"), (data) => {
      return new Tools(data.closest("table"), JSON.parse(data.textContent), save);
    });
    all.forEach((tools, position) => {
      // The name that the author gave: docutils calls a table with a caption id1, id2, ..., which others take over.
      tools.name = /^id\d+$/.test(tools.table.id) ? "" : tools.table.id;
      tools.place = position ? `stores-${position + 1}` : "stores";
      tools.key = (all.length > 1 && tools.name) || tools.place;
    });
    let isTyping = false;

    const fragment = () =>
      all
        .map((tools) => (tools.view ? `${tools.key}?${tools.view}` : ""))
        .filter(Boolean)
        .join(";");

    const remember = (method, address) => {
      try {
        history[method](Object.assign({}, history.state, { statestores: fragment() }), "", address);
      } catch (error) {
        // A page in a frame, or too many changes.
      }
    };

    /* One step of the history for each change; what is typed without a pause by other changes is one. */
    function save(continues) {
      const view = fragment();
      remember(continues && isTyping ? "replaceState" : "pushState", view ? `#${view}` : location.pathname + location.search);
      isTyping = continues;
    }

    /* The states in a text; null when it has none of a table here. */
    const views = (text) => {
      const found = new Map();
      for (const part of text.split(";")) {
        const [key, view] = [part.split("?", 1)[0], part.slice(part.indexOf("?") + 1)];
        const tools = part.includes("?") && all.find((each) => key === each.place || (key && key === each.name));
        if (tools) found.set(tools, new URLSearchParams(view));
      }
      return found.size ? found : null;
    };

    const decoded = (text) => {
      try {
        return decodeURIComponent(text);
      } catch (error) {
        return text;
      }
    };

    /* Show what the URL says: a state, or a row in the state that the tables are in. */
    const arrive = () => {
      isTyping = false;
      const hash = location.hash.slice(1);
      const kept = history.state && history.state.statestores;
      // Programs that pass links on may have escaped the marks.
      const told = views(hash) || views(decoded(hash));
      // A link to a row keeps what is chosen.
      const shown = told || views(typeof kept === "string" ? kept : hash && fragment()) || new Map();
      for (const tools of all) tools.show(shown.get(tools) || new URLSearchParams());
      if (told || !hash) return;
      if (typeof kept !== "string") remember("replaceState");
      const row = document.getElementById(decoded(hash));
      const tools = row && row.tagName === "TR" && all.find((each) => each.table.contains(row));
      if (tools) tools.reveal(row);
    };

    // The reader comes near to rows of a large table that are not laid out, or searches the page.
    const signs = {
      scroll: ({ box, number }) => number > AT_ONCE && box.getBoundingClientRect().bottom < 4 * innerHeight,
      keydown: (tools, event) => event.key === "F3" || ((event.ctrlKey || event.metaKey) && event.key === "f"),
      blur: (tools, event) => event.target === window,
    };
    const readOn = (event) => {
      for (const tools of all) {
        if (tools.isRead || !signs[event.type](tools, event)) continue;
        tools.isRead = true;
        tools.wait();
      }
    };
    for (const type of Object.keys(signs)) window.addEventListener(type, readOn, true);
    window.addEventListener("popstate", arrive);
    if (location.hash) arrive();
    for (const tools of all) tools.box.setAttribute("data-ready", "");
  };

  if (document.readyState === "loading") {
    // While it is parsed, a browser lays out a large table twice.
    root.classList.add("statestore-loading");
    document.addEventListener("DOMContentLoaded", start);
  } else start();
})();
