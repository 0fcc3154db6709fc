// Type-ahead on an ordinary text input (ARIA 1.2 combobox with a listbox). Without this script the input is just an input;
// with it, what was typed still posts when nothing is chosen: a suggestion never decides.
//   <input type="text" name="target" data-suggest="targets" data-suggest-url="/suggest/targets/"
//          data-suggest-into="#target-id" data-suggest-with="on=#letter-date agency=#agency">
// data-suggest-into: a hidden input that takes the id; emptied when the words change. data-suggest-with: what else to send,
// each from another field. Selectors are looked up inside the closest [data-suggest-scope], else the page.
// Listens on the document, so inputs that come later work too. Choosing fires "suggest:chosen" with {id, label, detail}.
// A result's `fill` ({name of a field: value}) goes into the empty fields of the same fieldset.
(() => {
  "use strict";
  const WAIT_MS = 150;
  const states = new WeakMap();
  let number = 0;

  const isOne = (element) => element instanceof HTMLInputElement && Boolean(element.dataset.suggestUrl);
  const find = (input, selector) => (input.closest("[data-suggest-scope]") || document).querySelector(selector);
  const into = (input) => input.dataset.suggestInto && find(input, input.dataset.suggestInto);

  function begin(input) {
    if (states.has(input)) return states.get(input);
    const id = `suggest-${(number += 1)}`;
    const box = document.createElement("div");
    const list = document.createElement("ul");
    const status = document.createElement("div");
    box.className = "combo";
    list.className = "combo__list";
    list.id = id;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Suggestions");
    list.hidden = true;
    status.className = "usa-sr-only";
    status.setAttribute("role", "status");
    box.append(list, status);
    input.after(box);
    input.autocomplete = "off";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", id);
    const state = { list, status, results: [], active: -1, timer: 0, request: null, chosen: into(input)?.value ? input.value : null };
    states.set(input, state);
    return state;
  }

  function close(input) {
    const state = states.get(input);
    if (!state) return;
    clearTimeout(state.timer);
    state.request?.abort();
    state.list.hidden = true;
    state.active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function show(input, results) {
    const state = begin(input);
    const chosen = state.results[state.active]?.id; // the arrow was faster than this answer: it stays where it is
    state.results = results;
    state.active = -1;
    input.removeAttribute("aria-activedescendant");
    state.list.replaceChildren(...results.map((one, place) => {
      const option = document.createElement("li");
      option.id = `${state.list.id}-${place}`;
      option.className = "combo__option";
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const label = document.createElement("span");
      label.className = "combo__label";
      label.textContent = one.label;
      option.append(label);
      if (one.detail) {
        const detail = document.createElement("span");
        detail.className = "combo__detail";
        detail.textContent = one.detail;
        option.append(" ", detail);
      }
      return option;
    }));
    state.list.hidden = !results.length;
    const still = chosen === undefined ? -1 : results.findIndex((one) => one.id === chosen);
    if (still >= 0) mark(input, still);
    input.setAttribute("aria-expanded", String(Boolean(results.length)));
    const many = results.length === 1 ? "1 suggestion" : `${results.length} suggestions`;
    state.status.textContent = results.length ? `${many}, arrow keys to choose.` : "No suggestion. What you typed is kept.";
  }

  async function ask(input) {
    const state = begin(input);
    state.request?.abort();
    const words = input.value.trim();
    if (!words) {
      close(input);
      state.status.textContent = "";
      return;
    }
    const address = new URL(input.dataset.suggestUrl, location.href);
    address.searchParams.set("q", words);
    for (const pair of (input.dataset.suggestWith || "").split(/\s+/).filter(Boolean)) {
      const [name, ...selector] = pair.split("=");
      const value = find(input, selector.join("="))?.value;
      if (value) address.searchParams.set(name, value);
    }
    const request = new AbortController();
    state.request = request;
    try {
      const answer = await fetch(address, { signal: request.signal, headers: { Accept: "application/json" } });
      if (!answer.ok || !answer.headers.get("Content-Type")?.includes("json")) return; // signed out meanwhile: typing goes on
      const { results } = await answer.json();
      if (state.request === request && document.activeElement === input) show(input, results);
    } catch (error) {
      if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error; // a lost connection is no news while typing
    }
  }

  function move(input, step) {
    const state = begin(input);
    const options = [...state.list.children];
    if (!options.length) return;
    options[state.active]?.setAttribute("aria-selected", "false");
    mark(input, state.active < 0 && step < 0 ? options.length - 1 : (state.active + step + options.length) % options.length);
  }

  function mark(input, place) {
    const state = begin(input);
    const option = state.list.children[place];
    state.active = place;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  // What is known of the fields beside it goes into those that are empty: what is typed as printed stays.
  function fill(input, known) {
    const row = input.closest("fieldset");
    for (const [name, value] of Object.entries(known)) {
      const beside = row?.querySelector(`[name$="-${CSS.escape(name)}"]`);
      if (!beside || beside.value.trim()) continue;
      beside.value = value;
      beside.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function choose(input, place) {
    const state = begin(input);
    const one = state.results[place];
    input.value = one.label;
    state.chosen = one.label;
    const hidden = into(input);
    if (hidden) hidden.value = one.id;
    fill(input, one.fill || {});
    close(input);
    state.status.textContent = `${one.label} chosen.`;
    input.dispatchEvent(new CustomEvent("suggest:chosen", { bubbles: true, detail: one }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("focusin", (event) => {
    if (isOne(event.target)) begin(event.target);
  });

  document.addEventListener("input", (event) => {
    const input = event.target;
    if (!isOne(input)) return;
    const state = begin(input);
    const hidden = into(input);
    if (hidden && input.value !== state.chosen) hidden.value = "";
    clearTimeout(state.timer);
    state.request?.abort(); // its answer is to other words
    state.timer = setTimeout(() => ask(input), WAIT_MS);
  });

  document.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!isOne(input) || event.isComposing || event.ctrlKey || event.metaKey) return;
    const state = begin(input);
    const open = !state.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (event.altKey && event.key === "ArrowUp") close(input);
      else if (open) move(input, event.key === "ArrowDown" ? 1 : -1);
      else ask(input);
    } else if (event.key === "Enter" && open && state.active >= 0) {
      event.preventDefault();
      choose(input, state.active);
    } else if (event.key === "Escape") {
      if (open) {
        event.preventDefault();
        event.stopPropagation();
      }
      close(input); // also what has not come yet
    } else if (event.key === "Tab") {
      close(input);
    }
  }, true);

  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest?.(".combo__list")) event.preventDefault(); // the focus stays where the person types
  });

  document.addEventListener("click", (event) => {
    const option = event.target.closest?.(".combo__option");
    const input = option && document.querySelector(`[aria-controls="${CSS.escape(option.parentElement.id)}"]`);
    if (input) choose(input, [...option.parentElement.children].indexOf(option));
  });

  document.addEventListener("focusout", (event) => {
    if (isOne(event.target)) close(event.target);
  });
})();
