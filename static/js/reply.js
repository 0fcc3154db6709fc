// Record a reply: ticking many at once without a round trip. Without this script the same buttons go to the server.
(() => {
  "use strict";
  let touched = false; // by hand: then nothing is ticked unasked
  let unasked = []; // ids of what was: the items may have come anew since

  // the items come by themselves when an agency is chosen
  for (const button of document.querySelectorAll(".reply__show")) button.hidden = true;

  const boxes = (card) => card ? [...card.querySelectorAll('[data-lead="yes"]')] : [];

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tick]");
    if (!button) return;
    event.preventDefault();
    const all = boxes(button.closest(".card"));
    const on = !all.every((box) => box.checked);
    for (const box of all) box.checked = on;
    touched = true;
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-lead]")) touched = true;
    if (event.target.name !== "said" || touched) return;
    // that it came is said of all that the letter asks of the agency, and of no more than was meant once it was a slip
    for (const box of unasked.map((id) => document.getElementById(id))) if (box) box.checked = false;
    unasked = [];
    if (event.target.value !== "received") return;
    for (const box of document.querySelectorAll("[data-meant]:not(:checked)")) {
      box.checked = true;
      unasked.push(box.id);
    }
  });
})();
