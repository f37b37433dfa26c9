/*
 * Checks a posted list in the reader's own browser. The fingerprint comes from the poster (in the address
 * behind its QR, or typed from the paper), never from the server, so a server that changes list and hash
 * together is found out here.
 *
 * What is shown after a check is written again from the checked text alone. No secure context is needed.
 * The forms of snapshot, row and fingerprint are the contract in docs/formats.md.
 */
"use strict";

(function () {
  const LENGTH = 26; // 128 bits in base32
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const data = JSON.parse(document.getElementById("posted-data").textContent);
  const words = data.words;

  function fill(sentence, facts) {
    return Object.keys(facts).reduce(function (text, name) {
      return text.split("{" + name + "}").join(facts[name]);
    }, sentence);
  }

  function base32(bytes) {
    let bits = 0;
    let value = 0;
    let text = "";
    bytes.forEach(function (byte) {
      value = (value << 8) | byte;
      bits += 8;
      while (bits >= 5) {
        text += ALPHABET[(value >>> (bits - 5)) & 31];
        bits -= 5;
        value &= (1 << bits) - 1;
      }
    });
    return bits ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
  }

  // What a reader may type for a letter that the alphabet lacks.
  function tidy(text) {
    return text.toUpperCase().replace(/0/g, "O").replace(/1/g, "I").replace(/8/g, "B").replace(/[^A-Z2-7]/g, "");
  }

  // The header and the web rows' digests of a snapshot, or null if it is not one.
  function parse(snapshot) {
    const lines = snapshot.split("\n");
    if (lines.length < 2 || lines.pop() !== "") {
      return null;
    }
    const digests = {};
    for (const line of lines.slice(1)) {
      const found = /^(wall|web) ([1-9][0-9]{0,4}) ([0-9a-f]{64})$/.exec(line);
      if (!found) {
        return null;
      }
      if (found[1] === "web") {
        digests[found[2]] = found[3];
      }
    }
    return { header: JSON.parse(lines[0]), digests: digests };
  }

  // The checked rows in order, each its content or null for one taken down; or null if one is not in the snapshot.
  function checkedRows(digests) {
    const rows = [];
    const seen = {};
    for (const row of data.rows) {
      const digest = digests[row.position];
      if (!digest || seen[row.position]) {
        return null;
      }
      seen[row.position] = true;
      if (row.content === null) {
        rows.push(null);
      } else if (window.sha256(row.salt + "\n" + row.content) === digest) {
        rows.push(JSON.parse(row.content));
      } else {
        return null;
      }
    }
    const complete = rows.length === Object.keys(digests).length || (data.is_over && rows.length === 0);
    return complete ? rows : null;
  }

  function check(fingerprint) {
    try {
      if (base32(window.sha256.array(data.snapshot).slice(0, 16)) !== fingerprint) {
        return null;
      }
      const found = parse(data.snapshot);
      const rows = found && checkedRows(found.digests);
      return rows ? { header: found.header, rows: rows } : null;
    } catch (error) {
      return null; // what cannot be read was not what was posted
    }
  }

  // ---- writing the page from what was checked ----

  // Chinese counts the months, English names them.
  function month(number) {
    return document.documentElement.lang === "en"
      ? new Date(Date.UTC(2000, number - 1)).toLocaleDateString("en", { month: "long", timeZone: "UTC" })
      : number;
  }

  function day(text) {
    const part = text.split("-").map(Number);
    return fill(words.day, { y: part[0], m: month(part[1]), d: part[2] });
  }

  function period(text) {
    const found = /^(\d{4})(?:-(\d{2})|Q(\d))?$/.exec(text);
    if (found && found[2]) {
      return fill(words.month, { y: found[1], m: month(Number(found[2])) });
    }
    return found && found[3] ? fill(words.quarter, { y: found[1], q: found[3] }) : fill(words.year, { y: text });
  }

  function rules(list) {
    return list.map(function (rule) {
      return fill(words.rule, { title: rule.title, n: rule.number }) + (rule.adopted ? "" : words.unvoted_note);
    }).join(" ") || words.unvoted;
  }

  function facts(header) {
    const block = words.blocks[header.block] || header.block;
    return {
      place: header.township ? fill(words.place, { township: header.township, region: header.region_name }) : header.region_name,
      name: header.block ? fill(words.name_block, { block: block }) : words.name,
      period: period(header.period),
      rules: rules(header.rules),
      taking_part: fill(words.taking_part, { all: header.taking_part.toLocaleString("en"), n: header.posted }),
      display: fill(words.until, { a: day(header.display_from), b: day(header.display_until) }),
      objection: header.objection + " " + header.contact,
      publisher: header.publisher,
      supervisor: header.supervisor,
      serial: header.serial,
      chain: fill(words.chain, { n: header.chain_seq.toLocaleString("en") }) + " " + header.chain_head.slice(0, 12) + "…",
    };
  }

  function part(parent, tag, cls, text) {
    const made = parent.appendChild(document.createElement(tag));
    made.className = cls;
    made.textContent = text;
    return made;
  }

  function rowOf(content) {
    const li = document.createElement("li");
    if (content === null) {
      part(li, "span", "rank", "—");
      part(li, "span", "who gone", words.removed);
      return li;
    }
    li.className = content.rank <= 3 ? "top" : "";
    part(li, "span", "rank", content.rank);
    const who = part(li, "span", "who", "");
    part(who, "b", "", content.name);
    who.appendChild(document.createTextNode(" "));
    part(who, "small", "", content.group);
    part(li, "span", "earned", content.earned);
    const codes = Object.keys(content.blocks || {});
    if (codes.length > 1) {
      const blocks = part(li, "span", "blocks", "");
      codes.forEach(function (code) { part(blocks, "span", "", (words.blocks[code] || code) + " " + content.blocks[code]); });
    }
    return li;
  }

  function write(checked) {
    const said = facts(checked.header);
    document.querySelectorAll("[data-fact]").forEach(function (element) {
      element.textContent = said[element.dataset.fact];
    });
    document.title = said.place + " " + said.name + " " + said.period;
    const list = document.getElementById("rows");
    if (list) {
      list.textContent = "";
      checked.rows.forEach(function (row) { list.appendChild(rowOf(row)); });
    }
  }

  function verdict(kind, title, text) {
    const box = document.getElementById("verdict");
    box.className = "verdict " + kind;
    document.getElementById("verdict-title").textContent = title;
    document.getElementById("verdict-text").textContent = text;
    document.getElementById("typed").hidden = kind === "same";
    const hide = kind === "differs";
    document.getElementById("list").hidden = hide;
    document.getElementById("facts").hidden = hide;
    document.querySelectorAll(".posted-head [data-fact]").forEach(function (element) { element.hidden = hide; });
  }

  function judge(fingerprint, isTyped) {
    const checked = check(fingerprint);
    if (!checked) {
      verdict("differs", words.differs, isTyped ? words.typed_differs_text : words.differs_text);
      return;
    }
    const gone = checked.rows.filter(function (row) { return row === null; }).length;
    write(checked);
    verdict("same", words.same, (isTyped ? words.same_typed : words.same_text)
      + (gone ? fill(words.same_gone, { n: gone }) : ""));
  }

  function start() {
    if (!window.sha256) {
      verdict("", words.unable, words.unable_text);
      return;
    }
    // An address with anything behind # is judged: a shortened fingerprint must not count as none.
    const given = location.hash.slice(1);
    if (given) {
      judge(tidy(given), false);
    } else {
      verdict("", words.none, words.none_text);
    }
  }

  document.getElementById("typed").addEventListener("submit", function (event) {
    event.preventDefault();
    const typed = tidy(document.getElementById("f-fingerprint").value);
    if (typed.length < LENGTH) {
      document.getElementById("h-fingerprint").textContent = fill(words.short, { n: LENGTH - typed.length });
      document.getElementById("f-fingerprint").focus();
      return;
    }
    judge(typed, true);
  });
  window.addEventListener("hashchange", start);
  start();
})();
