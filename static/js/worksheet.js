// "Log a letter": saves by itself, and puts the server's answer into the page without leaving it. All rules are the server's;
// without this script each button does the same by a page of its own.
(() => {
  "use strict";
  const PAUSE_MS = 800;
  const SENT = "sheet-sent"; // the sheet that was sent by a button: the page that comes is the answer to it
  const form = document.querySelector("form[data-worksheet]");
  const memory = (work) => { try { return work(sessionStorage); } catch { return null; } }; // full or forbidden: the server's copy stands
  if (!form) { // the review
    memory((kept) => { kept.removeItem(kept.getItem(SENT)); kept.removeItem(SENT); });
    return;
  }
  const status = () => form.querySelector("[data-saved]");
  // What the saves are called until one is answered, with a number: so the server goes on from one that came but whose answer
  // was lost, instead of telling this person that somebody changed it; and one that comes late undoes no later one.
  const savedAs = form.querySelector("[data-saved-as]");
  const anew = () => { savedAs.value = `${Math.random().toString(36).slice(2)}.0`; };
  const numbered = (name) => (name ?? "").replace(/\d*$/, (number) => Number(number) + 1);
  anew();
  // what the page was drawn from, or saved as since: by that the server knows who changed what
  function stands(version, opened) {
    form.querySelector("[data-version]").value = version;
    form.querySelector("[data-opened]").value = opened;
    anew();
  }
  // what waits in this tab is one person's, of one sheet (unsaved.js takes away what is another person's)
  const { account } = document.body.dataset;
  const key = () => form.elements.namedItem("key"); // until the sheet has an address of its own
  const store = () => `sheet:${account}:${new URL(form.action).pathname}${key() ? `#${key().value}` : ""}`;
  let timer;
  let dirty = false;
  // somebody else saved: nothing is sent until this person has compared and presses Save
  let stopped = document.querySelector(".changed") !== null;
  let left = false; // this person said to leave what they typed
  let chain = Promise.resolve(); // one request at a time, so that each carries the version that the one before it made

  const fields = () => new URLSearchParams(new FormData(form));
  const token = () => document.cookie.match(/(?:^|;\s*)csrftoken[^=]*=([^;]+)/)?.[1] || form.querySelector("[name=csrfmiddlewaretoken]").value;

  function say(words, trouble = false) {
    status().textContent = words;
    status().classList.toggle("sheet__saved--trouble", trouble);
    if (trouble) form.dataset.unsaved = ""; // so leaving is asked about (unsaved.js), as on a page that comes with it
  }

  // What is typed is kept in this tab too, until the server has it.
  const remember = () => memory((kept) => kept.setItem(store(), fields().toString()));
  const forget = () => memory((kept) => kept.removeItem(store()));

  function post(body, headers, keepalive = false) {
    savedAs.value = numbered(body.get("saved_as"));
    body.set("saved_as", savedAs.value);
    return fetch(form.action, {
      method: "POST", body, redirect: "manual", credentials: "same-origin",
      keepalive: keepalive && body.toString().length < 60000,
      headers: { "X-CSRFToken": token(), "X-Account": account, ...headers },
    });
  }

  function refused(answer) {
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
      say("Not saved: you are signed out. Your words are kept here; sign in again in another tab, then go on.", true);
      return true;
    }
    return false;
  }

  function moveTo(address) {
    if (!address || new URL(form.action).pathname === address) return;
    forget();
    key()?.remove();
    form.action = address;
    const up = form.querySelector("[data-give-up]");
    up.formAction = `${address}give-up/`;
    up.parentElement.hidden = false;
    history.replaceState(null, "", address);
  }

  async function autosave(keepalive = false) {
    if (!dirty || stopped || left) return;
    dirty = false;
    remember();
    try {
      const answer = await post(fields(), { "X-Autosave": "1" }, keepalive);
      if (refused(answer)) { dirty = true; return; }
      const said = await answer.json();
      if (!answer.ok) {
        dirty = true;
        stopped = said.stale;
        say(said.stale ? `${said.problem} Nothing you typed is lost: press Save to compare.` : `Not saved: ${said.problem}`, true);
        return;
      }
      delete form.dataset.unsaved;
      stands(said.version, said.opened);
      moveTo(said.address);
      if (dirty) remember(); else if (!keepalive) forget(); // the page that is drawn next may be older than this save
      say(said.saved);
    } catch {
      dirty = true;
      say("Not saved: the site does not answer. Your words are kept in this tab; it tries again.", true);
      schedule(5000);
    }
  }

  const queue = (work) => { chain = chain.then(work, work); return chain; };
  function schedule(ms = PAUSE_MS) {
    clearTimeout(timer);
    timer = setTimeout(() => queue(autosave), ms);
  }
  function touched() {
    dirty = true;
    remember();
    schedule();
  }

  // A button's step: post everything, and take the named parts from the answer.
  async function step(button, parts, words = "") {
    if (stopped) {
      say("Nothing is saved while you compare. Choose above what to keep and press Save, then go on.", true);
      return;
    }
    const name = button.name || "do";
    const waiting = parts.map((id) => document.getElementById(id)).filter(Boolean);
    clearTimeout(timer);
    await queue(async () => {
      const body = fields();
      body.set(name, button.value);
      body.set("selected", words);
      dirty = false;
      for (const part of waiting) part.inert = true; // a letter typed into what is being replaced would be lost
      try {
        const answer = await post(body, { "X-Part": "1" });
        if (refused(answer)) { dirty = true; remember(); return; }
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector("form[data-worksheet]");
        if (!fresh || answer.status !== 200) { // a conflict, or something to check: that is a page of its own
          document.querySelectorAll("[inert]").forEach((part) => { part.inert = false; });
          form.querySelector("[data-plain][value=save]").click();
          return;
        }
        swap(fresh, [...parts, "errors"]); // what is still to be mended, where the page said so before
        forget();
        delete form.dataset.unsaved;
        moveTo(new URL(fresh.getAttribute("action"), location.href).pathname);
        stands(fresh.querySelector("[data-version]").value, fresh.querySelector("[data-opened]").value);
        say(fresh.querySelector("[data-saved]").textContent);
        const at = document.getElementById(fresh.dataset.focus);
        at?.focus();
        at?.scrollIntoView({ block: "nearest" });
      } catch {
        dirty = true;
        remember();
        say("Not saved: the site does not answer. Your words are kept in this tab; try again.", true);
        schedule(5000);
      } finally {
        for (const part of waiting) part.inert = false;
      }
    });
  }

  function swap(fresh, parts) {
    for (const id of parts) {
      const old = document.getElementById(id);
      const now = fresh.ownerDocument.getElementById(id);
      if (!old || !now) continue;
      old.replaceWith(document.adoptNode(now));
      now.querySelectorAll("[data-script]").forEach((part) => { part.hidden = false; });
      document.dispatchEvent(new CustomEvent("letters:swapped", { detail: now }));
    }
  }

  form.addEventListener("input", touched);
  form.addEventListener("change", (event) => {
    const { target } = event;
    if (target.matches("[data-role]") && target.checked) { // one agency is responsible or consulted, not both
      for (const other of target.closest("[data-ask]").querySelectorAll("[data-role]")) {
        if (other !== target && other.value === target.value) other.checked = false;
      }
    }
    if (target.matches('[name$="-member"]')) {
      const right = target.closest(".sheet__signer").querySelector("[data-confirmed]");
      right.checked = Boolean(target.value.trim()); // who names the member has confirmed them
    }
    // names are matched as of the letter's day
    if (/^(letter|printed)_date$/.test(target.name) && form.querySelector(".sheet__signer")) step({ name: "do", value: "save" }, ["signers"]);
    else touched();
  });
  form.addEventListener("focusout", () => { if (dirty) schedule(50); });

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.dataset.swap) {
      event.preventDefault();
      const words = form.querySelector("[data-selected]").value; // marked_words.js
      if (button.matches("[data-take]") && !words) {
        say("Select the words in the letter first.");
        form.querySelector("[data-letter]").focus();
        return;
      }
      step(button, button.dataset.swap.split(" "), words);
      return;
    }
    form.querySelector("[name=csrfmiddlewaretoken]").value = token();
    clearTimeout(timer);
    savedAs.value = numbered(savedAs.value);
    remember();
    if (form.dataset.going) return;
    // an answer that is on its way may move the version: it is waited for
    event.preventDefault();
    // and a form that is still telling of its submission takes no other: hence the timer
    chain.finally(() => setTimeout(() => {
      form.dataset.going = "1";
      memory((kept) => kept.setItem(SENT, store()));
      dirty = false;
      form.requestSubmit(button);
    }));
  });

  // A letter or block that comes at once is read at once: pasted, dropped, filled in by another program.
  const AT_ONCE = 20; // characters; nobody types them in one stroke
  const lengths = new Map();
  form.addEventListener("beforeinput", ({ target }) => { if (target.dataset?.pasteSwap) lengths.set(target.id, target.value.length); });
  form.addEventListener("input", ({ target: box, inputType }) => {
    if (!box.dataset?.pasteSwap) return;
    const grown = box.value.length - (lengths.get(box.id) ?? box.defaultValue.length);
    lengths.set(box.id, box.value.length);
    if (!/^insertFrom/.test(inputType ?? "") && grown < AT_ONCE) return;
    setTimeout(() => step({ name: "do", value: box.dataset.pasteDo || "save" }, box.dataset.pasteSwap.split(" ")), 0);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-review]"));
    }
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) queue(() => autosave(true)); });
  document.querySelector("[data-leave]")?.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // it opens elsewhere, and this page stays
    left = true;
    delete form.dataset.unsaved;
    forget();
  });
  addEventListener("pageshow", () => { left = false; delete form.dataset.going; });
  addEventListener("pagehide", () => { if (dirty && !stopped && !left) { remember(); post(fields(), { "X-Autosave": "1" }, true).catch(() => {}); } });

  form.querySelectorAll("[data-script]").forEach((part) => { part.hidden = false; });

  // Words that the server may not have got before this page went away: put back, if nobody saved meanwhile; else compared.
  // `isOther`: of an empty sheet that was left before. If the server had its words, it is a draft, and this one stays empty.
  // `pressed`: a button was pressed with these words. Else what was being compared is compared again, and nothing is saved.
  const OF_PAGE = /^(csrfmiddlewaretoken|selected|version|opened|saved_as|do|judged|key|compared|merging|(keep|stood)\..*)$/;
  async function putBack(name, kept, { isOther = false, pressed = false }) {
    const forget = () => memory((all) => all.removeItem(name));
    const was = new URLSearchParams(kept);
    const now = fields();
    const bare = (words) => { const copy = new URLSearchParams(words); for (const name of words.keys()) if (OF_PAGE.test(name)) copy.delete(name); return copy.toString(); };
    if (bare(was) === bare(now)) { forget(); return; }
    form.inert = true; // what is typed now would be replaced in a moment
    was.set("csrfmiddlewaretoken", token());
    const isCompared = !pressed && (was.has("compared") || was.has("merging")); // the second alone: kept by a page of November 2026
    try {
      const answer = isCompared ? null : await post(was, { "X-Autosave": "1" });
      if (answer && refused(answer)) { form.inert = false; return; }
      forget();
      if (answer?.ok) {
        const said = await answer.json();
        if (isOther && said.had) form.inert = false;
        else location.replace(said.address || location.href);
        return;
      }
    } catch {
      form.inert = false;
      say("What you typed before is kept in this tab; it is put back when the site answers and the page is opened again.", true);
      return;
    }
    // somebody saved meanwhile: both are shown
    was.set("do", isCompared ? "compare" : "save");
    const back = Object.assign(document.createElement("form"), { method: "post", action: form.action, hidden: true });
    for (const [name, value] of was) back.append(Object.assign(document.createElement("textarea"), { name, value }));
    document.body.append(back);
    back.submit();
  }

  const sent = memory((kept) => kept.getItem(SENT));
  memory((kept) => kept.removeItem(SENT));
  if (sent && sent !== store()) memory((kept) => kept.removeItem(sent));
  const kept = memory((words) => words.getItem(store()));
  const other = key() && memory((words) => Object.keys(words).find((name) => name.startsWith(store().split("#")[0]) && name !== store()));
  if ("unsaved" in form.dataset) remember();
  else if (kept) {
    const pressed = sent === store();
    const isNewer = new URLSearchParams(kept).get("version") !== form.querySelector("[data-version]").value;
    if (pressed && (isNewer || document.querySelector(".error-summary"))) forget();
    else putBack(store(), kept, { pressed });
  } else if (other) {
    const again = performance.getEntriesByType("navigation")[0]?.type === "reload";
    putBack(other, memory((words) => words.getItem(other)), { isOther: !again });
  }
})();
