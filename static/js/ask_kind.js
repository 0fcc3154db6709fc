// "Log a letter": what a kind of ask proposes, at once. Without this script the server does it (letters/intake/kinds.py).
(() => {
  "use strict";
  const form = document.querySelector("form[data-kinds]");
  if (!form) return;
  const kinds = JSON.parse(form.dataset.kinds || "{}");

  // Where nothing else stands.
  function propose(select) {
    const ask = select.closest("[data-ask]");
    const seen = ask.querySelector("[data-proposed]");
    const now = kinds[select.value];
    const before = kinds[seen.value];
    if (!now) return;
    const part = (name) => ask.querySelector(`[name$="-${name}"]`);
    for (const name of ["instrument", "requested_list", "acting"]) {
      if (!part(name).value || (before && part(name).value === before[name])) {
        part(name).value = now[name];
        if (name === "acting") part("acting_id").value = now.acting_id;
      }
    }
    const boxes = [...ask.querySelectorAll('[name$="-responsible"]')];
    const usual = (kind) => boxes.filter((box) => kind && (box.value === kind.usual || boxes.length === 1));
    const ticked = boxes.filter((box) => box.checked);
    const same = ticked.length === usual(before).length && ticked.every((box) => usual(before).includes(box));
    const consulted = ask.querySelector('[name$="-consulted"]:checked');
    if ((!ticked.length || same) && !consulted) boxes.forEach((box) => { box.checked = usual(now).includes(box); });
    seen.value = select.value;
  }

  form.addEventListener("change", ({ target }) => {
    if (target.matches('[data-ask] select[name$="-kind"]')) propose(target);
  });
})();
