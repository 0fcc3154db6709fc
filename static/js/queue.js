// The queue: ticking many at once, and keeping one's place when a row is drawn again. Everything works without it.
(() => {
  "use strict";
  const boxes = () => [...document.querySelectorAll("[data-select]")].filter((box) => box.checkVisibility());
  const all = document.querySelector("[data-select-all]");
  const panel = document.querySelector("[data-bulk]");
  const told = document.querySelector("[data-ticked]");

  function count() {
    const some = boxes();
    const ticked = some.filter((box) => box.checked).length;
    if (told) told.textContent = ticked ? `${ticked} ticked` : "";
    if (all) {
      all.checked = ticked > 0 && ticked === some.length;
      all.indeterminate = ticked > 0 && ticked < some.length;
    }
  }

  if (all) {
    all.closest("[hidden]")?.removeAttribute("hidden");
    all.addEventListener("change", () => {
      for (const box of boxes()) box.checked = all.checked;
      count();
    });
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select]")) count();
  });
  // which fields count follows what is to be done; without this script all are shown, and the others are not read
  const verb = panel?.querySelector("[name=verb]");
  function fields() {
    for (const part of panel.querySelectorAll("[data-for]")) part.hidden = verb.value !== part.dataset.for;
  }
  if (verb) {
    verb.addEventListener("change", fields);
    fields();
  }
  window.addEventListener("pageshow", count);
  document.addEventListener("htmx:afterSwap", (event) => {
    const row = document.getElementById(event.detail.target?.id || "");
    if (row?.matches("[data-row]")) row.querySelector("[data-open]")?.focus();
    if (event.detail.target?.matches?.(".row-slot")) event.detail.target.querySelector("input:not([type=hidden])")?.focus();
    count();
  });
  count();
})();
