/*
 * The score sheet's table: its cells, what is wrong in them, their sums, and moving between them. Every free
 * cell is a field of its own, so that a reader hears "罗桂英，庭院卫生，0–20 / 月" and a phone shows its number
 * keys. It knows neither the wire nor the storage; who wants to know of a change gives `onChange`.
 */

import { fault, fill, plain } from "./sheet-limits.js";

export const data = JSON.parse(document.getElementById("sheet-data").textContent);
export const words = data.words;
export const table = document.getElementById("grid");
export const households = data.households;
export const items = [];
data.blocks.forEach(function (block, b) {
  block.items.forEach(function (item) { items.push(Object.assign({ block: b }, item)); });
});
export const rows = Array.from(table.tBodies[0].rows);
export const tabs = Array.from(document.querySelectorAll("#blocks [role=tab]"));

const FIRST = 2; // the number and the name stand before the items
const tip = document.getElementById("tip");
let shown = 0; // the block on screen
let refusals = {}; // cell key -> the server's sentence about it
let changed = function () {};

/** Call `listener(key, text)` whenever a cell is filled. */
export function onChange(listener) { changed = listener; }

export function key(at) { return households[at.r].id + "|" + items[at.c].code; }
export function place(input) { return { r: Number(input.dataset.r), c: Number(input.dataset.c) }; }
export function inputAt(r, c) { return rows[r].cells[FIRST + c].querySelector("input"); }
export function typed() { return Array.from(table.querySelectorAll("td.typed input")); }

function known(r, c) { return households[r].cells[items[c].code] || {}; }

/** Where a household's item stands, or null. */
export function find(household, code) {
  const r = households.findIndex(function (h) { return h.id === household; });
  const c = items.findIndex(function (item) { return item.code === code; });
  return r < 0 || c < 0 ? null : { r: r, c: c };
}

/** The points that the ledger already has for a cell, undefined for none. */
export function posted(at) {
  const there = known(at.r, at.c);
  return there.entry ? there.points : undefined;
}

// ---- what is wrong ----

function why(input) {
  const at = place(input);
  return fault(input.value, items[at.c], known(at.r, at.c).limit, words) || refusals[key(at)] || "";
}

/** Mark a cell as its text deserves; returns the sentence about it, "" for none. */
export function mark(input) {
  const sentence = why(input);
  input.parentNode.classList.toggle("wrong", sentence !== "");
  input.parentNode.classList.toggle("typed", input.value !== "");
  if (sentence) {
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", "tip");
  } else {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
  return sentence;
}

/** Say below the cell what is wrong in it; null takes the sentence away. */
export function showTip(input) {
  const sentence = input && input.dataset.r ? why(input) : "";
  tip.hidden = !sentence;
  if (!sentence) {
    return;
  }
  tip.textContent = sentence;
  const box = input.getBoundingClientRect();
  const left = Math.min(box.left, window.innerWidth - tip.offsetWidth - 8);
  const below = box.bottom + 6 + tip.offsetHeight < window.innerHeight - 80;
  tip.style.left = Math.max(8, left) + "px";
  tip.style.top = (below ? box.bottom + 6 : box.top - tip.offsetHeight - 6) + "px";
}

/** Take over the server's sentences: [{household, item, message}]. Returns the first such cell. */
export function refuse(errors) {
  refusals = {};
  let first = null;
  errors.forEach(function (error) {
    const at = find(error.household, error.item);
    const input = at && inputAt(at.r, at.c);
    if (input) {
      refusals[key(at)] = error.message;
      mark(input);
      first = first || input;
    }
  });
  return first;
}

// ---- sums ----

function points(r, c) {
  const there = posted({ r: r, c: c });
  if (there !== undefined) {
    return there;
  }
  const input = inputAt(r, c);
  return input && input.value !== "" && !why(input) ? Number(input.value) : null;
}

function sum(r, counts) {
  const found = items.map(function (item, c) { return counts(item) ? points(r, c) : null; })
    .filter(function (n) { return n !== null; });
  return found.length ? found.reduce(function (a, b) { return a + b; }, 0) : null;
}

function sumRow(r) {
  const total = sum(r, function (item) { return item.block === shown; });
  rows[r].cells[FIRST + items.length].textContent = total === null ? "" : total;
}

/** {total, done, waiting}: points on the sheet, households with any, households with unposted ones. */
export function totals() {
  const sums = rows.map(function (row, r) { return sum(r, function () { return true; }); })
    .filter(function (n) { return n !== null; });
  return {
    total: sums.reduce(function (a, b) { return a + b; }, 0),
    done: sums.length,
    waiting: new Set(typed().map(function (input) { return input.dataset.r; })).size,
  };
}

// ---- filling ----

/** Put a text into a cell as if it had been typed. */
export function set(input, text) {
  const at = place(input);
  input.value = plain(text);
  delete refusals[key(at)];
  mark(input);
  sumRow(at.r);
  changed(key(at), input.value);
}

function build(r, c) {
  const cell = rows[r].cells[FIRST + c];
  if (cell.classList.contains("locked") || !data.may_post) {
    return;
  }
  const input = document.createElement("input");
  const label = { head: households[r].head, item: items[c].name, range: items[c].range };
  Object.assign(input, { type: "text", inputMode: "numeric", autocomplete: "off", maxLength: 8, placeholder: "·" });
  input.setAttribute("aria-label", fill(words.cell, label));
  input.dataset.r = r;
  input.dataset.c = c;
  cell.appendChild(input);
}

/** A cell is in the ledger now: show it as text, with the way to its entry where that is known. */
export function lock(at, entry, n) {
  const cell = rows[at.r].cells[FIRST + at.c];
  households[at.r].cells[items[at.c].code] = { points: n, entry: entry || "posted" };
  cell.textContent = "";
  cell.className = "cell locked" + (items[at.c].block === shown ? "" : " off");
  const link = document.createElement(entry ? "a" : "span");
  link.textContent = n;
  if (entry) {
    link.href = "/entries/" + entry;
    link.tabIndex = -1;
  }
  cell.appendChild(link);
  sumRow(at.r);
}

/** While a sheet is on its way nothing may be typed. */
export function freeze(yes) {
  table.querySelectorAll("input").forEach(function (input) { input.readOnly = yes; });
}

// ---- moving ----

/** The columns of the block on screen. */
export function columns() {
  return items.map(function (item, c) { return c; }).filter(function (c) { return items[c].block === shown; });
}

export function go(input) {
  if (input) {
    input.focus();
    input.select();
    input.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  return Boolean(input);
}

/** To the next free cell from `at` in steps of (dr, dc) within the block on screen. */
export function step(at, dr, dc) {
  const cols = columns();
  let x = cols.indexOf(at.c) + dc;
  let y = at.r + dr;
  while (y >= 0 && y < rows.length && x >= 0 && x < cols.length) {
    if (go(inputAt(y, cols[x]))) {
      return true;
    }
    x += dc;
    y += dr;
  }
  return false;
}

/** Through a row and on to the next one; false at the table's end, so that Tab leaves it. */
export function along(at, by) {
  const cols = columns();
  let n = at.r * cols.length + cols.indexOf(at.c) + by;
  while (n >= 0 && n < rows.length * cols.length) {
    if (go(inputAt(Math.floor(n / cols.length), cols[n % cols.length]))) {
      return true;
    }
    n += by;
  }
  return false;
}

/** To a row's first or last cell, or the whole sheet's. */
export function edge(at, toEnd, whole) {
  const cols = columns();
  const corner = { r: whole ? (toEnd ? rows.length - 1 : 0) : at.r, c: toEnd ? cols[cols.length - 1] : cols[0] };
  return go(inputAt(corner.r, corner.c)) || step(corner, 0, toEnd ? -1 : 1);
}

/** A page up or down. */
export function jump(at, by) {
  const r = Math.max(0, Math.min(rows.length - 1, at.r + by));
  return go(inputAt(r, at.c)) || step({ r: r, c: at.c }, by > 0 ? -1 : 1, 0);
}

/** Show another block; what was typed in the others stays. */
export function show(block) {
  shown = block;
  tabs.forEach(function (tab, n) {
    tab.setAttribute("aria-selected", n === block ? "true" : "false");
    tab.tabIndex = n === block ? 0 : -1;
  });
  items.forEach(function (item, c) {
    const off = item.block !== block;
    table.tHead.rows[0].cells[FIRST + c].classList.toggle("off", off);
    rows.forEach(function (row) { row.cells[FIRST + c].classList.toggle("off", off); });
  });
  rows.forEach(function (row, r) { sumRow(r); });
  showTip(null);
}

rows.forEach(function (row, r) { items.forEach(function (item, c) { build(r, c); }); });
