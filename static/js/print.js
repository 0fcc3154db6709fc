// A page's own "Print": what the browser's menu does. Hidden where no script would answer it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
