/*
 * The score sheet by keyboard and clipboard: arrows, Enter, Tab, Home, End, Esc, F2, Alt+1 to 9 for the blocks,
 * and a block of cells pasted from a workbook.
 */

import * as grid from "./sheet-grid.js";
import { plain, table } from "./sheet-limits.js";

const MOVES = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0],
};

let editing = false; // F2: left, right, Home and End move the caret instead of the cell
let before = ""; // what stood in the cell when it was entered, for Esc

function move(event, at) {
  const by = MOVES[event.key];
  if (editing && by[0] === 0) {
    return false;
  }
  if (Math.abs(by[0]) === 10) {
    grid.jump(at, by[0]);
  } else {
    grid.step(at, by[0], by[1]);
  }
  return true;
}

function edit(input) {
  editing = true;
  input.setSelectionRange(input.value.length, input.value.length);
  return true;
}

function restore(input) {
  grid.set(input, before);
  editing = false;
  input.select();
  grid.showTip(input);
  return true;
}

// True when the key has been dealt with.
function onKey(event, input) {
  const at = grid.place(input);
  if (event.altKey && /^[1-9]$/.test(event.key) && grid.tabs[Number(event.key) - 1]) {
    grid.show(Number(event.key) - 1);
    return grid.edge({ r: at.r, c: grid.columns()[0] }, false, false);
  }
  if (event.altKey || event.isComposing) {
    return false;
  }
  if (MOVES[event.key]) {
    return move(event, at);
  }
  switch (event.key) {
    case "Enter":
      return grid.step(at, event.shiftKey ? -1 : 1, 0) || true;
    case "Tab":
      return grid.along(at, event.shiftKey ? -1 : 1);
    case "Home":
    case "End":
      return editing ? false : grid.edge(at, event.key === "End", event.ctrlKey) || true;
    case "F2":
      return edit(input);
    case "Escape":
      return restore(input);
    default:
      return false;
  }
}

/** Paste a text from `input` on, downwards and to the right; returns {done, locked, outside} cells. */
function paste(input, text) {
  const at = grid.place(input);
  const cols = grid.columns();
  const from = cols.indexOf(at.c);
  const count = { done: 0, locked: 0, outside: 0 };
  table(text).forEach(function (line, dy) {
    line.forEach(function (value, dx) {
      const r = at.r + dy;
      const c = cols[from + dx];
      const inside = r < grid.rows.length && c !== undefined;
      const target = inside ? grid.inputAt(r, c) : null;
      if (plain(value) === "") {
        return; // an empty cell there does not wipe what stands here
      }
      if (target) {
        grid.set(target, value);
      }
      count[target ? "done" : inside ? "locked" : "outside"] += 1;
    });
  });
  return count;
}

/** Listen to keys and clipboard; `pasted(count)` is called after a paste, `rule(item, input)` on F1. */
export function listen(pasted, rule) {
  grid.table.addEventListener("focusin", function (event) {
    if (event.target.tagName === "INPUT") {
      before = event.target.value;
      editing = false;
      event.target.select();
      event.target.closest("tr").classList.add("here");
      grid.showTip(event.target);
    }
  });
  grid.table.addEventListener("focusout", function (event) {
    event.target.closest("tr").classList.remove("here");
    grid.showTip(null);
  });
  grid.table.addEventListener("keydown", function (event) {
    const input = event.target;
    if (input.tagName !== "INPUT") {
      return;
    }
    if (event.key === "F1") {
      event.preventDefault();
      rule(grid.items[grid.place(input).c], input);
    } else if (onKey(event, input)) {
      event.preventDefault();
    }
  });
  grid.table.addEventListener("paste", function (event) {
    const text = event.clipboardData.getData("text/plain");
    const input = event.target;
    if (input.tagName === "INPUT" && !input.readOnly && !(editing && !/[\t\n]/.test(text))) {
      event.preventDefault();
      pasted(paste(input, text));
      grid.showTip(input);
    }
  });
}
