// "Log a letter": the words that are marked in the letter go along with the button that says what they are.
(() => {
  "use strict";
  function marked(box) {
    let { selectionStart: from, selectionEnd: to, value } = box;
    // whole words: half of one is a slip of the mouse
    while (from < to && /\s/.test(value[from])) from += 1;
    while (to > from && /\s/.test(value[to - 1])) to -= 1;
    if (from === to) return "";
    while (from > 0 && /[\p{L}\p{N}]/u.test(value[from]) && /[\p{L}\p{N}'’-]/u.test(value[from - 1])) from -= 1;
    while (to < value.length && /[\p{L}\p{N}]/u.test(value[to - 1]) && /[\p{L}\p{N}'’-]/u.test(value[to])) to += 1;
    return value.slice(from, to);
  }

  document.addEventListener("submit", ({ target: form, submitter }) => {
    if (!form.matches("[data-worksheet]")) return;
    form.querySelector("[data-selected]").value = submitter?.matches("[data-take]") ? marked(form.querySelector("[data-letter]")) : "";
  }, true); // before worksheet.js sends them
})();
