/* A card for each link to a state store: on hover, on focus, and on the first touch. No network, no dependencies. */
(() => {
  "use strict";

  const HOVER_DELAY = 150; // ms; a pointer on its way elsewhere opens nothing
  const LEAVE_DELAY = 250; // ms; long enough to reach the card, which may be read and copied from
  const GAP = 6; // px between a link and its card

  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text; // never markup: the registry's texts are texts
    return made;
  };

  const filled = (card, id) => {
    const box = element("div", "statestore-card");
    box.id = id;
    box.setAttribute("role", "tooltip");
    box.append(element("code", "statestore-card-name", card.name));
    if (card.where) box.append(element("span", "statestore-card-where", ` ${card.where}`));
    if (card.status) box.append(element("p", "statestore-card-status", card.status));
    if (card.purpose) box.append(element("p", "statestore-card-purpose", card.purpose));
    const facts = element("dl", "");
    for (const [label, value, isCode] of card.facts) {
      const words = element("dd", "");
      words.append(isCode ? element("code", "", value) : value);
      facts.append(element("dt", "", label), words);
    }
    box.append(facts);
    return box;
  };

  /* Themes paint any element from the root down to the text: the card takes what the link stands on. */
  const paint = (box, link) => {
    let ground = link;
    let colour = "";
    while (ground && (colour = getComputedStyle(ground).backgroundColor).match(/^(transparent|rgba\(.*, 0\))$/)) {
      ground = ground.parentElement;
    }
    box.style.backgroundColor = ground ? colour : "Canvas";
    const text = getComputedStyle(link.closest("p, li, td, dd, div") ?? document.body);
    box.style.color = text.color;
    box.style.fontSize = text.fontSize;
  };

  const place = (box, link) => {
    // A link may be broken over two lines: the card belongs to the first.
    const at = link.getClientRects()[0] ?? link.getBoundingClientRect();
    const room = document.documentElement.clientWidth;
    const left = Math.max(GAP, Math.min(at.left, room - box.offsetWidth - GAP));
    const below = at.bottom + GAP;
    const above = at.top - GAP - box.offsetHeight;
    const top = below + box.offsetHeight > window.innerHeight && above > 0 ? above : below;
    // Any element above may be what positions are counted from.
    const origin = box.getBoundingClientRect();
    box.style.left = `${left - origin.left}px`;
    box.style.top = `${top - origin.top}px`;
  };

  const start = () => {
    const data = document.getElementById("statestores-preview");
    if (!data) return;
    const cards = new Map(Object.entries(JSON.parse(data.textContent)));
    const page = document.querySelector("[role=main], main") ?? document.body;

    let shown = null; // {link, box, title, describedBy}
    let timer = 0;
    let touched = null; // the link whose card a finger has opened
    let pointer = ""; // what was pressed last: older browsers do not say it of a click

    const hide = () => {
      clearTimeout(timer);
      touched = null;
      if (!shown) return;
      shown.box.remove();
      if (shown.title !== null) shown.link.setAttribute("title", shown.title);
      shown.link.removeAttribute("aria-describedby");
      shown = null;
    };

    const show = (link) => {
      clearTimeout(timer);
      if (shown?.link === link) return;
      hide();
      const box = filled(cards.get(link.getAttribute("href")), "statestore-card");
      shown = { link, box, title: link.getAttribute("title") };
      // The card says what the title says: a browser must not show both, nor a screen reader read both.
      link.removeAttribute("title");
      page.append(box);
      paint(box, link);
      place(box, link);
      link.setAttribute("aria-describedby", box.id);
      box.addEventListener("pointerenter", () => clearTimeout(timer));
      box.addEventListener("pointerleave", leave);
    };

    const leave = () => {
      clearTimeout(timer);
      if (shown && document.activeElement === shown.link && shown.link.matches(":focus-visible")) return;
      timer = setTimeout(hide, LEAVE_DELAY);
    };

    for (const link of page.querySelectorAll("a.reference")) {
      if (!cards.has(link.getAttribute("href")) || link.closest("nav")) continue;
      link.addEventListener("pointerenter", (event) => {
        if (event.pointerType === "touch") return;
        clearTimeout(timer);
        timer = setTimeout(() => show(link), HOVER_DELAY);
      });
      link.addEventListener("pointerleave", (event) => {
        if (event.pointerType !== "touch") leave();
      });
      link.addEventListener("focus", () => {
        if (link.matches(":focus-visible")) show(link);
      });
      link.addEventListener("blur", hide);
      // A finger cannot hover: the first touch shows the card, the second follows the link.
      link.addEventListener("click", (event) => {
        // No detail: a key or a screen reader has pressed it, whatever a finger did before.
        if (!event.detail || (event.pointerType || pointer) !== "touch" || touched === link) return;
        event.preventDefault();
        show(link);
        touched = link;
      });
    }
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") hide();
    });
    document.addEventListener("pointerdown", (event) => {
      pointer = event.pointerType;
      if (shown && !shown.box.contains(event.target) && !shown.link.contains(event.target)) hide();
    });
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
