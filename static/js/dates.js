// A browser sends a date that is none, or is half typed, as an empty one: what was typed would be lost without a word.
// So nothing is sent before it is mended; the browser says what is wrong, at the field.
document.addEventListener("submit", (event) => {
  const wrong = [...event.target.elements].find((field) => field.type === "date" && field.validity.badInput);
  if (!wrong) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  wrong.reportValidity();
}, true);
