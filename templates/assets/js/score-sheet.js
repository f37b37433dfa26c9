/*
 * The month's score sheet: table, keyboard and store put together, and what is said about them.
 *
 * What is typed is never thrown away because it is wrong: it is marked, said why, and kept.
 */

import * as grid from "./sheet-grid.js";
import * as keys from "./sheet-keys.js";
import { fill } from "./sheet-limits.js";
import { SheetStore } from "./sheet-store.js";

const data = grid.data;
const words = grid.words;
const says = document.getElementById("says");
const post = document.getElementById("post");
const rule = document.getElementById("rule");

const store = new SheetStore({
  key: [data.login, data.village, data.group, data.month].join(":"),
  place: { village: data.village, group: data.group, month: data.month },
  tell: tell,
});

// ---- saying ----

function say(kind, text, href, label) {
  says.className = "note " + kind;
  says.textContent = text;
  says.setAttribute("role", kind === "error" ? "alert" : "status");
  if (href) {
    const link = says.appendChild(document.createElement("a"));
    link.href = href;
    link.textContent = label;
    link.className = "link";
  }
  says.hidden = false;
}

function sum() {
  const now = grid.totals();
  document.getElementById("total").textContent = now.total.toLocaleString("en");
  document.getElementById("filled").textContent = fill(words.filled, { done: now.done, all: grid.rows.length });
  if (post && !store.record.pending) {
    post.disabled = now.waiting === 0;
    post.textContent = fill(words.post, { n: now.waiting });
  }
}

function sayPasted(count) {
  sum();
  say(count.locked || count.outside ? "wait" : "done", fill(words.pasted, { n: count.done })
    + (count.locked ? fill(words.pasted_locked, { n: count.locked }) : "")
    + (count.outside ? fill(words.pasted_outside, { n: count.outside }) : ""));
}

let ruleFrom = null; // where the focus goes back to

function showRule(item, from) {
  const more = document.getElementById("rule-more");
  document.getElementById("rule-name").textContent = item.name + "  " + item.range;
  document.getElementById("rule-text").textContent = item.rule;
  more.textContent = "";
  item.more.forEach(function (line) { more.appendChild(document.createElement("li")).textContent = line; });
  ruleFrom = from;
  rule.hidden = false;
  rule.focus();
}

function closeRule() {
  rule.hidden = true;
  ruleFrom.focus();
}

function lead(input) {
  grid.show(grid.items[grid.place(input).c].block);
  grid.go(input);
  grid.showTip(input);
}

// ---- posting ----

function press() {
  const inputs = grid.typed();
  const wrong = inputs.filter(function (input) { return grid.mark(input) !== ""; });
  if (wrong.length) {
    say("error", fill(words.fix, { n: wrong.length }));
    lead(wrong[0]);
    return;
  }
  store.post(inputs.map(function (input) {
    const at = grid.place(input);
    return { household: grid.households[at.r].id, item: grid.items[at.c].code, points: Number(input.value) };
  }));
}

function onPosting() {
  grid.freeze(true);
  post.disabled = true;
  post.textContent = words.posting;
}

function onPosted(facts) {
  const entries = {};
  (facts.result.entries || []).forEach(function (entry) { entries[entry.household + "|" + entry.item] = entry; });
  facts.sheet.cells.forEach(function (cell) {
    const at = grid.find(cell.household, cell.item);
    const entry = entries[cell.household + "|" + cell.item] || { points: cell.points };
    if (at) {
      grid.lock(at, entry.entry, entry.points);
    }
  });
  grid.freeze(false);
  sum();
  say("done", fill(words.posted, { posted: facts.result.posted })
    + (facts.result.skipped ? fill(words.skipped, { skipped: facts.result.skipped }) : "") + words.stop,
  facts.result.posted ? "/scores/sheets/" + facts.result.id : "", words.undo);
  says.tabIndex = -1;
  says.focus();
}

function onRefused(facts) {
  grid.freeze(false);
  const first = grid.refuse(facts.problem.errors || []);
  sum();
  say("error", fill(words.refused, { why: facts.problem.detail || facts.problem.title || "" }));
  if (first) {
    lead(first);
  }
}

function onLogin() {
  say("error", words.login, "/login?next=" + encodeURIComponent(location.pathname + location.search), words.login_link);
}

function two(n) { return String(n).padStart(2, "0"); }

function state(text) { document.getElementById("saved").textContent = text; }

// The store says what happens to the sheet; `facts` depend on what it is.
function tell(what, facts) {
  const answers = {
    saving: function () { state(words.saving); },
    saved: function () { state(fill(words.saved, { at: two(facts.at.getHours()) + ":" + two(facts.at.getMinutes()) })); },
    local: function () { state(words.local); },
    unsaved: function () { state(words.unsaved); },
    login: onLogin,
    posting: onPosting,
    waiting: function () { say("wait", words.waiting); },
    posted: onPosted,
    refused: onRefused,
  };
  answers[what](facts);
}

// ---- start ----

function restore() {
  const cells = store.start(data.draft, data.draft_saved_at);
  let taken = 0;
  Object.keys(cells).forEach(function (name) {
    const parts = name.split("|");
    const at = grid.find(parts[0], parts[1]);
    const input = at && grid.inputAt(at.r, at.c);
    if (input) {
      input.value = cells[name];
      grid.mark(input);
    } else if (data.may_post) {
      // Somebody has posted this cell meanwhile, or the item is gone: the ledger is right.
      taken += at && grid.posted(at) === Number(cells[name]) ? 0 : 1;
      store.put(name, "");
    }
  });
  if (data.draft_saved_at && store.record.synced) {
    tell("saved", { at: new Date(data.draft_saved_at) });
  }
  if (taken) {
    say("wait", fill(words.taken, { n: taken }));
  }
}

function listenToCells() {
  grid.onChange(function (name, text) { store.put(name, text); });
  grid.table.addEventListener("input", function (event) {
    if (!event.isComposing) {
      grid.set(event.target, event.target.value);
      sum();
      grid.showTip(event.target);
    }
  });
  // Esc puts back what stood there; the sums follow the key, not the field.
  grid.table.addEventListener("keyup", function (event) {
    if (event.key === "Escape") {
      sum();
    }
  });
  grid.table.addEventListener("click", function (event) {
    const button = event.target.closest(".rule");
    if (button) {
      showRule(grid.items.find(function (item) { return item.code === button.dataset.item; }), button);
    }
  });
  document.querySelector(".sheet-scroll").addEventListener("scroll", function () {
    grid.showTip(grid.table.contains(document.activeElement) ? document.activeElement : null);
  });
  keys.listen(sayPasted, showRule);
}

function listenAround() {
  grid.tabs.forEach(function (tab, n) {
    tab.addEventListener("click", function () { grid.show(n); });
    tab.addEventListener("keydown", function (event) {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) {
        const next = (n + by + grid.tabs.length) % grid.tabs.length;
        grid.show(next);
        grid.tabs[next].focus();
      }
    });
  });
  rule.addEventListener("keydown", function (event) {
    if (event.key === "Escape" || event.key === "F1") {
      event.preventDefault();
      closeRule();
    }
  });
  document.getElementById("rule-close").addEventListener("click", closeRule);
  if (post) {
    post.addEventListener("click", press);
  }
}

restore();
grid.show(0);
sum();
listenToCells();
listenAround();
if (post) {
  store.resume();
}
if (!store.record.pending && !window.matchMedia("(pointer: coarse)").matches) {
  grid.go(grid.table.querySelector("td:not(.off) input"));
}
