// Asks before a half-typed form is left: by another page, by another form of the same page that is sent, or by what is drawn
// in its place. Only where words were typed, a day entered or a file chosen, and not sent: a ticked box is ticked again in a
// moment. The sheet of a letter saves itself, and says where it could not (worksheet.js).
(() => {
  "use strict";
  const FORMS = "main form[method=post]:not([data-worksheet], [data-bulk], #bulk)";
  const UNSAVED = "form[data-worksheet][data-unsaved]";
  const TYPED = "textarea, input:is([type=text], [type=date], [type=email], [type=url], [type=number], [type=file], :not([type]))";
  // what a refused form comes back with is typed, too, and saved nowhere; but for one that tells of what is kept (data-kept)
  const refused = (form) => !form.matches("[data-kept]") && (form.querySelector(".usa-form-group--error, .changed") || form.parentElement.querySelector(".error-summary, .changed"));
  const typedIn = (form) => [...form.querySelectorAll(TYPED)].find((field) => field.value !== (refused(form) ? "" : field.defaultValue));
  // and so is what a form holds that was drawn again unsaved (data-typed): its defaults are what was typed
  const typed = (form) => form.matches("[data-typed]") || typedIn(form);
  const unsaved = () => [...document.querySelectorAll(`${UNSAVED}, ${FORMS}`)].filter((form) => form.matches(UNSAVED) || typed(form));

  // whether these may go with all that was typed in them
  function mayGo([form]) {
    if (!form) return true;
    const field = form.matches(UNSAVED) ? null : typedIn(form);
    const label = field?.labels?.[0]?.firstChild?.textContent.trim();
    const goes = confirm(`What you typed ${label ? `under “${label}”` : "on this page"} is not saved and would be lost. Go on without it?`);
    if (!goes) field?.focus();
    return goes;
  }

  const FILE = /\.(csv|docx|ics|json|pdf|xlsx)$/; // as addresses of files end
  const ASKED_MS = 1000; // by then the browser has asked about this one
  let sent = false;

  // what waits in this tab of somebody else, who was signed in here before, is not for this person (worksheet.js)
  const { account } = document.body.dataset;
  const OLD = "sheet:/"; // until November 2026 it was under no account: who is here first after the upgrade has it
  try {
    for (const name of account ? Object.keys(sessionStorage) : []) {
      const ours = name.startsWith(OLD) ? name.replace(OLD, `sheet:${account}:/`) : name;
      if (ours !== name && sessionStorage.getItem(ours) === null) sessionStorage.setItem(ours, sessionStorage.getItem(name));
      if (name.startsWith("sheet:") && !name.startsWith(`sheet:${account}:`)) sessionStorage.removeItem(name);
    }
  } catch { /* forbidden: then nothing waits */ }

  const replaced = (target, elt) => unsaved().filter((form) => target.contains(form) && !form.contains(elt)); // its own answer is no loss
  // before what changes the record, for behind it a no would only hide what was done; before what reads, once there is an answer
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, target, verb } = event.detail;
    if (verb !== "get" && !mayGo(replaced(target, elt))) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig, shouldSwap } = event.detail;
    if (shouldSwap && requestConfig.verb === "get" && !mayGo(replaced(target, requestConfig.elt))) {
      event.preventDefault();
      return;
    }
    // a part of a form that comes anew brings what was typed in it as its defaults
    const form = event.target.closest(FORMS);
    if (form && typed(form)) form.setAttribute("data-typed", "");
  });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    // a file is taken and the page stays: nothing goes, and what is typed after it is as unsaved as before
    const to = event.submitter?.hasAttribute("formaction") ? event.submitter.formAction : event.target.action;
    const stays = FILE.test(new URL(to, location.href).pathname);
    const isWayOut = event.target.matches("[data-way-out]"); // who cancels wants what they typed gone
    if (!stays && !isWayOut && !mayGo(unsaved().filter((form) => form !== event.target))) {
      event.preventDefault();
      return;
    }
    sent = true;
    if (stays) setTimeout(() => { sent = false; }, ASKED_MS);
  });
  window.addEventListener("pageshow", () => { sent = false; });
  window.addEventListener("beforeunload", (event) => {
    if (sent) return;
    if (unsaved().length) event.preventDefault();
  });
})();
