/*
 * The month's score sheet as a table that is filled by keyboard. Every free cell is a field of its own, so a
 * reader hears "罗桂英，庭院卫生，0–20 / 月" and a phone shows its number keys.
 *
 * What is typed is never thrown away because it is wrong: it is marked, said why, and kept.
 */
"use strict";

(function () {
  const data = JSON.parse(document.getElementById("sheet-data").textContent);
  const words = data.words;
  const grid = document.getElementById("grid");
  const tip = document.getElementById("tip");
  const says = document.getElementById("says");
  const post = document.getElementById("post");
  const tabs = Array.from(document.querySelectorAll("#blocks [role=tab]"));

  const items = [];
  data.blocks.forEach(function (block, b) {
    block.items.forEach(function (item) { items.push(Object.assign({ block: b }, item)); });
  });
  const households = data.households;
  const rows = Array.from(grid.tBodies[0].rows);
  const FIRST = 2; // the number and the name stand before the items

  let shown = 0; // the block on screen
  let editing = false; // F2: arrows move the caret instead of the cell
  let before = ""; // what stood in the cell when it was entered, for Esc
  let refusals = {}; // cell key -> the server's sentence about it

  function fill(sentence, facts) {
    return Object.keys(facts).reduce(function (text, name) {
      return text.split("{" + name + "}").join(facts[name]);
    }, sentence);
  }

  function key(r, c) { return households[r].id + "|" + items[c].code; }
  function cellAt(r, c) { return rows[r].cells[FIRST + c]; }
  function inputAt(r, c) { return cellAt(r, c).querySelector("input"); }
  function place(input) { return { r: Number(input.dataset.r), c: Number(input.dataset.c) }; }
  function posted(r, c) { return households[r].cells[items[c].code] || {}; }

  // Full-width digits and signs are what a Chinese keyboard types.
  function plain(text) {
    return text.replace(/[\uff01-\uff5e]/g, function (x) { return String.fromCharCode(x.charCodeAt(0) - 0xfee0); })
      .replace(/[\s\u3000]/g, "").replace(/^\+/, "").replace(/^[\u2212\u2013\u2014]/, "-").replace(/^[·.]$/, "");
  }

  // ---- limits ----

  // Why this text may not stand in this cell, or "" if it may.
  function fault(r, c, text) {
    if (text === "") {
      return "";
    }
    const item = items[c];
    const limit = posted(r, c).limit;
    if (!/^-?\d{1,6}$/.test(text)) {
      return fill(words.not_integer, { n: text });
    }
    const n = Number(text);
    if (n < 0) {
      return words.negative;
    }
    if (n > item.max) {
      return fill(words.over, { max: item.max, n: n });
    }
    if (limit !== null && limit !== undefined && n > limit) {
      return fill(words.left, { max: limit, n: n });
    }
    if (n < item.min) {
      return fill(words.under, { min: item.min, n: n });
    }
    return refusals[key(r, c)] || "";
  }

  function mark(input) {
    const at = place(input);
    const why = fault(at.r, at.c, input.value);
    const cell = input.parentNode;
    cell.classList.toggle("wrong", why !== "");
    cell.classList.toggle("typed", input.value !== "");
    if (why) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", "tip");
    } else {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
    return why;
  }

  function showTip(input) {
    const why = input && input.tagName === "INPUT" && input.parentNode.classList.contains("wrong") ? mark(input) : "";
    tip.hidden = !why;
    if (!why) {
      return;
    }
    tip.textContent = why;
    const box = input.getBoundingClientRect();
    const left = Math.min(box.left, window.innerWidth - tip.offsetWidth - 8);
    const below = box.bottom + 6 + tip.offsetHeight < window.innerHeight - 80;
    tip.style.left = Math.max(8, left) + "px";
    tip.style.top = (below ? box.bottom + 6 : box.top - tip.offsetHeight - 6) + "px";
  }

  // ---- sums ----

  function points(r, c) {
    const there = posted(r, c);
    if (there.entry) {
      return there.points;
    }
    const input = inputAt(r, c);
    return input && input.value !== "" && !fault(r, c, input.value) ? Number(input.value) : null;
  }

  function sumRow(r) {
    let sum = 0;
    let some = false;
    items.forEach(function (item, c) {
      const n = item.block === shown ? points(r, c) : null;
      sum += n || 0;
      some = some || n !== null;
    });
    rows[r].cells[FIRST + items.length].textContent = some ? sum : "";
  }

  function typed() { return Array.from(grid.querySelectorAll("td.typed input")); }

  function sumSheet() {
    let total = 0;
    let done = 0;
    rows.forEach(function (row, r) {
      let some = false;
      items.forEach(function (item, c) {
        const n = points(r, c);
        total += n || 0;
        some = some || n !== null;
      });
      done += some ? 1 : 0;
    });
    const waiting = new Set(typed().map(function (input) { return input.dataset.r; }));
    document.getElementById("total").textContent = total.toLocaleString("en");
    document.getElementById("filled").textContent = fill(words.filled, { done: done, all: rows.length });
    if (post && !store.record.pending) {
      post.disabled = waiting.size === 0;
      post.textContent = fill(words.post, { n: waiting.size });
    }
  }

  // ---- filling ----

  function set(input, text) {
    const at = place(input);
    input.value = plain(text);
    delete refusals[key(at.r, at.c)];
    mark(input);
    store.put(key(at.r, at.c), input.value);
    sumRow(at.r);
  }

  function build(r, c) {
    const cell = cellAt(r, c);
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

  function lock(r, c, entry, n) {
    const cell = cellAt(r, c);
    households[r].cells[items[c].code] = { points: n, entry: entry || "posted", limit: null, why: null };
    cell.textContent = "";
    cell.className = "cell locked" + (items[c].block === shown ? "" : " off");
    const link = document.createElement(entry ? "a" : "span");
    link.textContent = n;
    if (entry) {
      link.href = "/entries/" + entry;
      link.tabIndex = -1;
    }
    cell.appendChild(link);
  }

  // ---- moving ----

  function columns() {
    return items.map(function (item, c) { return c; }).filter(function (c) { return items[c].block === shown; });
  }

  function go(input) {
    if (input) {
      input.focus();
      input.select();
      input.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    return Boolean(input);
  }

  // The next free cell from (r, c) in steps of (dr, dc) within the block on screen.
  function step(r, c, dr, dc) {
    const cols = columns();
    let x = cols.indexOf(c) + dc;
    let y = r + dr;
    while (y >= 0 && y < rows.length && x >= 0 && x < cols.length) {
      const input = inputAt(y, cols[x]);
      if (input) {
        return go(input);
      }
      x += dc;
      y += dr;
    }
    return false;
  }

  // Tab goes through a row and on to the next one.
  function along(r, c, by) {
    const cols = columns();
    let n = r * cols.length + cols.indexOf(c) + by;
    while (n >= 0 && n < rows.length * cols.length) {
      const input = inputAt(Math.floor(n / cols.length), cols[n % cols.length]);
      if (input) {
        return go(input);
      }
      n += by;
    }
    return false;
  }

  function edge(r, toEnd, whole) {
    const cols = columns();
    const row = whole ? (toEnd ? rows.length - 1 : 0) : r;
    const from = toEnd ? cols[cols.length - 1] : cols[0];
    return go(inputAt(row, from)) || step(row, from, 0, toEnd ? -1 : 1);
  }

  function show(b) {
    shown = b;
    tabs.forEach(function (tab, n) {
      tab.setAttribute("aria-selected", n === b ? "true" : "false");
      tab.tabIndex = n === b ? 0 : -1;
    });
    items.forEach(function (item, c) {
      const off = item.block !== b;
      grid.tHead.rows[0].cells[FIRST + c].classList.toggle("off", off);
      rows.forEach(function (row) { row.cells[FIRST + c].classList.toggle("off", off); });
    });
    rows.forEach(function (row, r) { sumRow(r); });
    showTip(null);
  }

  const MOVES = {
    ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0],
  };

  function jump(r, c, by) {
    const row = Math.max(0, Math.min(rows.length - 1, r + by));
    return go(inputAt(row, c)) || step(row, c, by > 0 ? -1 : 1, 0);
  }

  function arrows(event, at) {
    const by = MOVES[event.key];
    if (editing && by[0] === 0) {
      return false;
    }
    if (Math.abs(by[0]) === 10) {
      jump(at.r, at.c, by[0]);
    } else {
      step(at.r, at.c, by[0], by[1]);
    }
    return true;
  }

  // True when the key has been dealt with.
  function onKey(event, input) {
    const at = place(input);
    if (event.altKey && /^[1-9]$/.test(event.key) && tabs[Number(event.key) - 1]) {
      show(Number(event.key) - 1);
      return edge(at.r, false, false);
    }
    if (event.altKey || event.isComposing) {
      return false;
    }
    if (MOVES[event.key]) {
      return arrows(event, at);
    }
    switch (event.key) {
      case "Enter":
        return step(at.r, at.c, event.shiftKey ? -1 : 1, 0) || true;
      case "Tab":
        return along(at.r, at.c, event.shiftKey ? -1 : 1);
      case "Home":
      case "End":
        return editing ? false : edge(at.r, event.key === "End", event.ctrlKey) || true;
      case "F2":
        editing = true;
        input.setSelectionRange(input.value.length, input.value.length);
        return true;
      case "Escape":
        set(input, before);
        editing = false;
        input.select();
        showTip(input);
        sumSheet();
        return true;
      case "F1":
        showRule(items[at.c], input);
        return true;
      default:
        return false;
    }
  }

  // ---- pasting from a workbook ----

  function block(text) {
    const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
    return lines.map(function (line) { return line.split("\t"); });
  }

  function paste(input, text) {
    const at = place(input);
    const cols = columns();
    const from = cols.indexOf(at.c);
    const count = { done: 0, locked: 0, outside: 0 };
    block(text).forEach(function (line, dy) {
      line.forEach(function (value, dx) {
        const r = at.r + dy;
        const c = cols[from + dx];
        if (plain(value) === "") {
          return; // an empty cell there does not wipe what stands here
        }
        const target = r < rows.length && c !== undefined ? inputAt(r, c) : null;
        if (target) {
          set(target, value);
          count.done += 1;
        } else {
          count[r < rows.length && c !== undefined ? "locked" : "outside"] += 1;
        }
      });
    });
    sumSheet();
    say(count.locked || count.outside ? "wait" : "done", fill(words.pasted, { n: count.done })
      + (count.locked ? fill(words.pasted_locked, { n: count.locked }) : "")
      + (count.outside ? fill(words.pasted_outside, { n: count.outside }) : ""));
    showTip(input);
  }

  // ---- saying ----

  function say(kind, text, href, label) {
    says.className = "note " + kind;
    says.textContent = text;
    says.setAttribute("role", kind === "error" ? "alert" : "status");
    if (href) {
      const link = document.createElement("a");
      link.href = href;
      link.textContent = label;
      link.className = "link";
      says.appendChild(link);
    }
    says.hidden = false;
  }

  let ruleFrom = null;

  function showRule(item, from) {
    const box = document.getElementById("rule");
    const more = document.getElementById("rule-more");
    document.getElementById("rule-name").textContent = item.name + "  " + item.range;
    document.getElementById("rule-text").textContent = item.rule;
    more.textContent = "";
    item.more.forEach(function (line) {
      more.appendChild(document.createElement("li")).textContent = line;
    });
    ruleFrom = from;
    box.hidden = false;
    box.focus();
  }

  function closeRule() {
    document.getElementById("rule").hidden = true;
    if (ruleFrom) {
      ruleFrom.focus();
    }
  }

  // ---- posting ----

  function freeze(yes) {
    grid.querySelectorAll("input").forEach(function (input) { input.readOnly = yes; });
    if (post && yes) {
      post.disabled = true;
      post.textContent = words.posting;
    }
  }

  function press() {
    const inputs = typed();
    const wrong = inputs.filter(function (input) { return mark(input) !== ""; });
    if (wrong.length) {
      say("error", fill(words.fix, { n: wrong.length }));
      show(items[place(wrong[0]).c].block);
      go(wrong[0]);
      showTip(wrong[0]);
      return;
    }
    freeze(true);
    store.post(inputs.map(function (input) {
      const at = place(input);
      return { household: households[at.r].id, item: items[at.c].code, points: Number(input.value) };
    }));
  }

  function find(household, code) {
    const r = households.findIndex(function (h) { return h.id === household; });
    const c = items.findIndex(function (item) { return item.code === code; });
    return r < 0 || c < 0 ? null : { r: r, c: c };
  }

  function onPosted(facts) {
    const ids = {};
    (facts.result.entries || []).forEach(function (entry) { ids[entry.household + "|" + entry.item] = entry; });
    facts.sheet.cells.forEach(function (cell) {
      const at = find(cell.household, cell.item);
      const entry = ids[cell.household + "|" + cell.item] || {};
      if (at) {
        lock(at.r, at.c, entry.entry, entry.points === undefined ? cell.points : entry.points);
        sumRow(at.r);
      }
    });
    freeze(false);
    sumSheet();
    say("done", fill(words.posted, { posted: facts.result.posted })
      + (facts.result.skipped ? fill(words.skipped, { skipped: facts.result.skipped }) : "") + "。");
    says.tabIndex = -1;
    says.focus();
  }

  function onRefused(facts) {
    freeze(false);
    const problem = facts.problem;
    refusals = {};
    let first = null;
    (problem.errors || []).forEach(function (error) {
      const at = find(error.household, error.item);
      const input = at && inputAt(at.r, at.c);
      if (input) {
        refusals[key(at.r, at.c)] = error.message;
        mark(input);
        first = first || input;
      }
    });
    sumSheet();
    say("error", fill(words.refused, { why: problem.detail || problem.title || "" }));
    if (first) {
      show(items[place(first).c].block);
      go(first);
      showTip(first);
    }
  }

  function time(at) { return String(at.getHours()).padStart(2, "0") + ":" + String(at.getMinutes()).padStart(2, "0"); }

  function tell(state, facts) {
    const saved = document.getElementById("saved");
    if (state === "saved") {
      saved.textContent = fill(words.saved, { at: time(facts.at) });
    } else if (state === "saving" || state === "local" || state === "unsaved") {
      saved.textContent = words[state];
    } else if (state === "login") {
      say("error", words.login, "/login?next=" + encodeURIComponent(location.pathname + location.search), words.login_link);
    } else if (state === "posting") {
      freeze(true);
    } else if (state === "waiting") {
      say("wait", words.waiting);
    } else if (state === "posted") {
      onPosted(facts);
    } else if (state === "refused") {
      onRefused(facts);
    }
  }

  const store = new window.SheetStore({
    key: [data.login, data.village, data.group, data.month].join(":"),
    place: { village: data.village, group: data.group, month: data.month },
    tell: tell,
  });

  // ---- start ----

  function restore() {
    const cells = store.start(data.draft, data.draft_saved_at);
    let taken = 0;
    Object.keys(cells).forEach(function (name) {
      const parts = name.split("|");
      const at = find(parts[0], parts[1]);
      const input = at && inputAt(at.r, at.c);
      if (input) {
        input.value = cells[name];
        mark(input);
      } else {
        // Somebody has posted this cell meanwhile, or the item is gone: the ledger is right.
        taken += at && posted(at.r, at.c).points === Number(cells[name]) ? 0 : 1;
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

  function listen() {
    grid.addEventListener("focusin", function (event) {
      if (event.target.tagName === "INPUT") {
        before = event.target.value;
        editing = false;
        event.target.select();
        event.target.closest("tr").classList.add("here");
        showTip(event.target);
      }
    });
    grid.addEventListener("focusout", function (event) {
      event.target.closest("tr").classList.remove("here");
      showTip(null);
    });
    grid.addEventListener("input", function (event) {
      const input = event.target;
      const text = plain(input.value);
      if (text !== input.value && !event.isComposing) {
        input.value = text;
      }
      const at = place(input);
      delete refusals[key(at.r, at.c)];
      mark(input);
      store.put(key(at.r, at.c), text);
      sumRow(at.r);
      sumSheet();
      showTip(input);
    });
    grid.addEventListener("keydown", function (event) {
      if (event.target.tagName === "INPUT" && onKey(event, event.target)) {
        event.preventDefault();
      }
    });
    grid.addEventListener("paste", function (event) {
      const text = event.clipboardData.getData("text/plain");
      if (event.target.tagName === "INPUT" && !event.target.readOnly && !(editing && !/[\t\n]/.test(text))) {
        event.preventDefault();
        paste(event.target, text);
      }
    });
    grid.addEventListener("click", function (event) {
      const button = event.target.closest(".rule");
      if (button) {
        showRule(items.find(function (item) { return item.code === button.dataset.item; }), button);
      }
    });
    document.querySelector(".sheet-scroll").addEventListener("scroll", function () {
      showTip(grid.contains(document.activeElement) ? document.activeElement : null);
    });
  }

  function listenAround() {
    tabs.forEach(function (tab, n) {
      tab.addEventListener("click", function () { show(n); });
      tab.addEventListener("keydown", function (event) {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (by) {
          const next = (n + by + tabs.length) % tabs.length;
          show(next);
          tabs[next].focus();
        }
      });
    });
    document.getElementById("rule").addEventListener("keydown", function (event) {
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

  rows.forEach(function (row, r) { items.forEach(function (item, c) { build(r, c); }); });
  document.getElementById("blocks").hidden = false;
  restore();
  show(0);
  sumSheet();
  listen();
  listenAround();
  store.resume();
  if (!store.record.pending && !window.matchMedia("(pointer: coarse)").matches) {
    go(grid.querySelector("td:not(.off) input"));
  }
})();
