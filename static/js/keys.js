// Keyboard shortcuts. A key never does anything of its own: it moves focus among rows, or follows a link or presses
// a button that is on the page. An element names its key: <a data-key="g q">, <button data-key="r">, <input data-key="/">.
(() => {
  "use strict";
  const OFF = "keys-off"; // WCAG 2.1.4: single-key shortcuts can be switched off, per browser
  const FIELD = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]:not([contenteditable=false])";
  const PAIR_MS = 1200;
  let first = "";
  let timer;

  const off = () => localStorage.getItem(OFF) === "1";
  const dialog = () => document.querySelector("dialog#shortcuts");
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());

  function target(row) {
    const link = row.querySelector("[data-open]");
    if (!link) row.tabIndex = -1;
    return link || row;
  }

  function move(step) {
    const all = rows();
    if (!all.length) return false;
    const here = all.indexOf(document.activeElement.closest("[data-row]"));
    const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), all.length - 1);
    target(all[next]).focus();
    return true;
  }

  function inRow(selector) {
    const found = document.activeElement.closest("[data-row]")?.querySelector(selector);
    found?.click();
    return Boolean(found);
  }

  function press(keys) {
    const row = document.activeElement.closest("[data-row]");
    const named = `[data-key="${CSS.escape(keys)}"]`;
    // what stands in a row is for the row one is in, never for the first of the page
    const element = row?.querySelector(named) || [...document.querySelectorAll(named)].find((one) => !one.closest("[data-row]"));
    if (!element) return false;
    if (element.matches(FIELD)) {
      element.focus();
      element.select?.();
    } else {
      element.click();
    }
    return true;
  }

  function act(key) {
    if (first) {
      const pair = `${first} ${key}`;
      first = "";
      return press(pair);
    }
    if (key === "j") return move(1);
    if (key === "k") return move(-1);
    if (key === "o") return inRow("[data-open]");
    if (key === "x") return inRow("[data-select]");
    if (key === "?" && dialog()) {
      dialog().showModal();
      return true;
    }
    if (document.querySelector(`[data-key^="${CSS.escape(key)} "]`)) {
      first = key;
      clearTimeout(timer);
      timer = setTimeout(() => { first = ""; }, PAIR_MS);
      return true;
    }
    return press(key);
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat && !["j", "k", "ArrowDown", "ArrowUp"].includes(event.key)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // arrows move among rows once one is in them; before, they scroll the page as ever
    const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (arrow && !event.shiftKey && !off() && event.target.matches?.("[data-row] [data-open], [data-row] [data-select]")) {
      if (move(arrow)) event.preventDefault();
      return;
    }
    if (event.key.length !== 1 || event.key === " ") return;
    if (event.target.closest?.(FIELD) || event.target.closest?.("dialog[open]") || off()) {
      first = "";
      return;
    }
    if (act(event.key)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const box = opener && document.getElementById(opener.dataset.dialog);
    if (!box?.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault(); // without this script the link goes to the same list on a page
    box.showModal();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-switch]")) localStorage.setItem(OFF, event.target.checked ? "0" : "1");
  });
  for (const box of document.querySelectorAll("[data-keys-switch]")) {
    box.checked = !off();
    box.closest("[hidden]")?.removeAttribute("hidden"); // of no use without this script, so hidden without it
  }
})();
