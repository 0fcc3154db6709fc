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
  const kinds = JSON.parse(form.dataset.kinds || "{}");
  const status = () => form.querySelector("[data-saved]");
  const version = () => form.querySelector("[data-version]");
  const store = () => `sheet:${new URL(form.action).pathname}`;
  let timer;
  let dirty = false;
  // somebody else saved: nothing is sent until this person has compared and presses Save
  let stopped = document.querySelector(".changed") !== null;
  let chain = Promise.resolve(); // one request at a time, so that each carries the version that the one before it made

  const fields = () => new URLSearchParams(new FormData(form));
  const token = () => document.cookie.match(/(?:^|;\s*)csrftoken[^=]*=([^;]+)/)?.[1] || form.querySelector("[name=csrfmiddlewaretoken]").value;

  function say(words, trouble = false) {
    status().textContent = words;
    status().classList.toggle("sheet__saved--trouble", trouble);
  }

  // What is typed is kept in this tab too, until the server has it.
  const remember = () => memory((kept) => kept.setItem(store(), fields().toString()));
  const forget = () => memory((kept) => kept.removeItem(store()));

  function post(body, headers, keepalive = false) {
    return fetch(form.action, {
      method: "POST", body, redirect: "manual", credentials: "same-origin",
      keepalive: keepalive && body.toString().length < 60000,
      headers: { "X-CSRFToken": token(), ...headers },
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
    form.action = address;
    history.replaceState(null, "", address);
  }

  async function autosave(keepalive = false) {
    if (!dirty || stopped) return;
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
      version().value = said.version;
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
  async function step(button, parts, extra = {}) {
    if (stopped) {
      say("Nothing is saved while you compare. Press Save when yours should stand, then go on.", true);
      return;
    }
    const name = button.name || "do";
    const waiting = parts.map((id) => document.getElementById(id)).filter(Boolean);
    clearTimeout(timer);
    await queue(async () => {
      const body = fields();
      body.set(name, button.value);
      for (const [key, value] of Object.entries(extra)) body.set(key, value);
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
        moveTo(new URL(fresh.getAttribute("action"), location.href).pathname);
        version().value = fresh.querySelector("[data-version]").value;
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

  function selection() {
    const box = form.querySelector("[data-letter]");
    let { selectionStart: from, selectionEnd: to, value } = box;
    // whole words: half of one is a slip of the mouse
    while (from < to && /\s/.test(value[from])) from += 1;
    while (to > from && /\s/.test(value[to - 1])) to -= 1;
    if (from === to) return "";
    while (from > 0 && /[\p{L}\p{N}]/u.test(value[from]) && /[\p{L}\p{N}'’-]/u.test(value[from - 1])) from -= 1;
    while (to < value.length && /[\p{L}\p{N}]/u.test(value[to - 1]) && /[\p{L}\p{N}'’-]/u.test(value[to])) to += 1;
    return value.slice(from, to);
  }

  // What a kind of ask proposes, where nothing else stands (letters/intake/kinds.py does the same without a script).
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

  form.addEventListener("input", touched);
  form.addEventListener("change", (event) => {
    const { target } = event;
    if (target.matches('[data-ask] select[name$="-kind"]')) propose(target);
    if (target.matches("[data-role]") && target.checked) { // one agency is responsible or consulted, not both
      for (const other of target.closest("[data-ask]").querySelectorAll("[data-role]")) {
        if (other !== target && other.value === target.value) other.checked = false;
      }
    }
    if (target.matches('[name$="-member"]')) {
      const right = target.closest(".sheet__signer").querySelector("[data-confirmed]");
      right.checked = Boolean(target.value.trim()); // who names the member has confirmed them
    }
    // names were read before there was a date to match them on
    if (target.name === "letter_date" && form.querySelector("[data-waits]")) step({ name: "do", value: "save" }, ["signers"]);
    else touched();
  });
  form.addEventListener("focusout", () => { if (dirty) schedule(50); });

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.dataset.swap) {
      event.preventDefault();
      const words = button.matches("[data-take]") ? selection() : "";
      if (button.matches("[data-take]") && !words) {
        say("Select the words in the letter first.");
        form.querySelector("[data-letter]").focus();
        return;
      }
      step(button, button.dataset.swap.split(" "), { selected: words });
      return;
    }
    form.querySelector("[name=csrfmiddlewaretoken]").value = token();
    clearTimeout(timer);
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

  // A pasted letter or block is read at once.
  form.addEventListener("paste", (event) => {
    const box = event.target.closest?.("[data-paste-swap]");
    if (!box) return;
    setTimeout(() => step({ name: "do", value: box.dataset.pasteDo || "save" }, box.dataset.pasteSwap.split(" ")), 0);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-review]"));
    }
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) queue(() => autosave(true)); });
  addEventListener("pageshow", () => { delete form.dataset.going; });
  addEventListener("pagehide", () => { if (dirty && !stopped) { remember(); post(fields(), { "X-Autosave": "1" }, true).catch(() => {}); } });

  form.querySelectorAll("[data-script]").forEach((part) => { part.hidden = false; });

  // Words that the server may not have got before this page went away: put back, if nobody saved meanwhile; else compared.
  async function putBack(kept) {
    const was = new URLSearchParams(kept);
    const now = fields();
    const bare = (words) => { const copy = new URLSearchParams(words); for (const own of ["csrfmiddlewaretoken", "selected", "version", "do", "judged"]) copy.delete(own); return copy.toString(); };
    if (bare(was) === bare(now)) { forget(); return; }
    form.inert = true; // what is typed now would be replaced in a moment
    was.set("csrfmiddlewaretoken", token());
    try {
      const answer = await post(was, { "X-Autosave": "1" });
      if (refused(answer)) { form.inert = false; return; }
      forget();
      if (answer.ok) {
        const said = await answer.json();
        location.replace(said.address || location.href);
        return;
      }
    } catch {
      form.inert = false;
      say("What you typed before is kept in this tab; it is put back when the site answers and the page is opened again.", true);
      return;
    }
    // somebody saved meanwhile: both are shown
    was.set("do", "save");
    const back = document.createElement("form");
    back.method = "post";
    back.action = form.action;
    back.hidden = true;
    for (const [name, value] of was) {
      const field = document.createElement("textarea");
      field.name = name;
      field.value = value;
      back.append(field);
    }
    document.body.append(back);
    back.submit();
  }

  const sent = memory((kept) => kept.getItem(SENT));
  memory((kept) => kept.removeItem(SENT));
  if (sent && sent !== store()) memory((kept) => kept.removeItem(sent));
  const kept = memory((words) => words.getItem(store()));
  if (kept) {
    const taken = sent === store() && new URLSearchParams(kept).get("version") !== version().value;
    if (taken || document.querySelector(".error-summary, .changed")) forget();
    else putBack(kept);
  }
})();
