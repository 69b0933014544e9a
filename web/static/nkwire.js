"use strict";
/* Keys for lists, copying of links, and what is new since the last visit. All pages work without. */
(() => {
  const KEY = "nkwire.lastVisit";
  const all = (selector) => [...document.querySelectorAll(selector)];
  const links = all("[data-row]").map((row) => row.querySelector(".row-link")).filter(Boolean);
  const dialog = document.getElementById("keys-dialog");
  const search = document.getElementById("q");

  const step = (by) => {
    if (!links.length) return;
    const row = document.activeElement && document.activeElement.closest("[data-row]");
    const at = row ? links.indexOf(row.querySelector(".row-link")) : by > 0 ? -1 : links.length;
    const next = links[Math.min(Math.max(at + by, 0), links.length - 1)];
    next.focus();
    next.closest("[data-row]").scrollIntoView({ block: "nearest" });
  };
  const toggleKeys = () => {
    if (!dialog) return;
    if (dialog.open) dialog.close();
    else dialog.showModal();
  };
  const follow = (rel) => {
    const find = (within) => document.querySelector(`${within} a[rel="${rel}"]`);
    const link = find(".pager") || find("main");
    if (link) link.click();
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    n: () => follow("next"),
    p: () => follow("prev"),
    "/": () => search && search.focus(),
    "?": toggleKeys,
  };
  document.addEventListener("keydown", (event) => {
    const inField = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (inField) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (!Object.hasOwn(keys, event.key) || (dialog && dialog.open && event.key !== "?")) return;
    event.preventDefault();
    keys[event.key]();
  });

  for (const link of all('a[href="/about#keys"]')) {
    link.addEventListener("click", (event) => {
      if (!dialog || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      toggleKeys();
    });
  }

  for (const button of all("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const words = button.textContent;
      const text = new URL(button.dataset.copy || location.href, location.href).href;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        button.textContent = text;
        return;
      }
      setTimeout(() => { button.textContent = words; }, 2000);
    });
  }

  const code = document.querySelector("form[action='/sign-in'] #code");
  if (code && location.hash.length > 1) {
    code.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }

  const seen = all("[data-seen]");
  if (!seen.length) return;
  const newest = Math.max(...seen.map((row) => Date.parse(row.dataset.seen) || 0));
  let last = 0;
  try {
    last = Number(localStorage.getItem(KEY)) || 0;
    if (newest > last) localStorage.setItem(KEY, String(newest));
  } catch { return; }
  if (!last) return;
  const fresh = seen.filter((row) => Date.parse(row.dataset.seen) > last);
  for (const row of fresh) {
    const mark = document.createElement("span");
    mark.className = "new-mark";
    mark.textContent = "new";
    row.classList.add("is-new");
    const title = row.querySelector(".row-link");
    if (title) title.after(" ", mark);
  }
  const note = document.querySelector(".new-since");
  if (note && fresh.length) {
    note.textContent = `${fresh.length} on this page since your last visit`;
    note.hidden = false;
  }
})();
