/*
 * Small conveniences that every signed-in page shares. Every page works without this file:
 * it only saves a click. ES2019, no inline handlers: the content policy forbids them.
 */
"use strict";

(function () {
  // A filter that is changed applies itself; without script there is a button for it.
  document.addEventListener("change", function (event) {
    const form = event.target.form;
    if (form && form.hasAttribute("data-apply") && event.target.tagName === "SELECT") {
      form.submit();
    }
  });

  // A step that takes a while is not started twice by an impatient second press.
  document.addEventListener("submit", function (event) {
    const form = event.target;
    // A button that only fetches a file leaves the form for its own press.
    const fetches = event.submitter && event.submitter.getAttribute("formmethod") === "get";
    if (form.method !== "post" || fetches || event.defaultPrevented) {
      return;
    }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const button = event.submitter || form.querySelector("button:not([type=button])");
    if (button && button.dataset.busy) {
      button.textContent = button.dataset.busy;
    }
    // Back from the browser's cache the form must be usable again.
    window.addEventListener("pageshow", function () { delete form.dataset.sent; }, { once: true });
    // Whose answer is a file stays on its page, and may be asked for the next file.
    if (form.hasAttribute("data-fetches")) {
      window.setTimeout(function () { delete form.dataset.sent; }, 2000);
    }
  });

  document.addEventListener("click", function (event) {
    const print = event.target.closest("[data-print]");
    if (print) {
      window.print();
    }
    const tick = event.target.closest("[data-tick-all]");
    if (tick) {
      document.querySelectorAll("input[name=\"" + tick.dataset.tickAll + "\"]").forEach(function (box) {
        box.checked = tick.checked;
      });
    }
  });

  // What only one answer needs is shown for it alone: data-shown-for="name of the radio=answer".
  // Switched off it is neither checked nor sent.
  document.querySelectorAll("fieldset[data-shown-for]").forEach(function (part) {
    const [name, answer] = part.dataset.shownFor.split("=");
    const form = part.closest("form");
    function show() {
      const chosen = form.querySelector("input[name=\"" + name + "\"]:checked");
      part.hidden = part.disabled = !chosen || chosen.value !== answer;
    }
    form.addEventListener("change", show);
    show();
  });

  // A page that asks again by itself says aloud each quarter of the way, and how it ended.
  let said = "";
  document.addEventListener("htmx:afterSwap", function () {
    const live = document.getElementById("live");
    const bar = document.querySelector("#running progress");
    const note = document.querySelector("#main .note");
    const text = bar ? bar.getAttribute("aria-label") + " " + Math.floor(4 * bar.value / bar.max) * 25 + "%"
      : note ? note.textContent.trim() : "";
    if (live && text && text !== said) {
      said = text;
      live.textContent = text;
    }
  });

  // The first mistake of a refused form gets the focus, so that a reader hears it.
  const refused = document.getElementById("refused");
  if (refused) {
    refused.tabIndex = -1;
    refused.focus();
  }
})();
