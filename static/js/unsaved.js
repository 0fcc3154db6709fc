// Asks before a half-typed form is left. Only where words were typed, a day entered or a file chosen, and not sent:
// a ticked box is ticked again in a moment. The sheet of a letter saves itself.
(() => {
  "use strict";
  const FORMS = "main form[method=post]:not([data-worksheet], [data-bulk], #bulk)";
  const TYPED = "textarea, input:is([type=text], [type=date], [type=email], [type=url], [type=number], [type=file], :not([type]))";
  // what a refused form comes back with is typed, too, and saved nowhere
  const refused = (form) => form.querySelector(".usa-form-group--error, .changed") || form.parentElement.querySelector(".error-summary, .changed");
  const typed = (form) => [...form.querySelectorAll(TYPED)].some((field) => field.value !== (refused(form) ? "" : field.defaultValue));
  const FILE = /\.(csv|docx|ics|json|pdf|xlsx)$/; // as addresses of files end
  const ASKED_MS = 1000; // by then the browser has asked about this one
  let sent = false;

  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    sent = true;
    // a file is taken and the page stays: what is typed after it is as unsaved as before
    const to = event.submitter?.hasAttribute("formaction") ? event.submitter.formAction : event.target.action;
    if (FILE.test(new URL(to, location.href).pathname)) setTimeout(() => { sent = false; }, ASKED_MS);
  });
  window.addEventListener("pageshow", () => { sent = false; });
  window.addEventListener("beforeunload", (event) => {
    if (!sent && [...document.querySelectorAll(FORMS)].some(typed)) event.preventDefault();
  });
})();
