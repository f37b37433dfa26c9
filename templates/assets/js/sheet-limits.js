/*
 * What may stand in a cell of a score sheet, as pure functions: no page, no storage, no network.
 * The server decides in the end; this only says so while one is still typing.
 */

/** A sentence with its {places} filled in. */
export function fill(sentence, facts) {
  return Object.keys(facts).reduce(function (text, name) {
    return text.split("{" + name + "}").join(facts[name]);
  }, sentence);
}

/** A cell's text without spaces, in half-width digits: what a Chinese keyboard or a workbook gives. */
export function plain(text) {
  return text.replace(/[\uff01-\uff5e]/g, function (x) { return String.fromCharCode(x.charCodeAt(0) - 0xfee0); })
    .replace(/[\s\u3000]/g, "").replace(/^\+/, "").replace(/^[\u2212\u2013\u2014]/, "-").replace(/^[·.]$/, "");
}

/** Text from a workbook's clipboard as rows of cells. */
export function table(text) {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  return lines.map(function (line) { return line.split("\t"); });
}

/**
 * Why a text may not stand in a cell, or "" if it may.
 * item: {min, max}; left: how many points are left for this household, null for no such bound.
 */
export function fault(text, item, left, words) {
  if (text === "") {
    return "";
  }
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
  if (left !== null && left !== undefined && n > left) {
    return fill(words.left, { max: left, n: n });
  }
  return n < item.min ? fill(words.under, { min: item.min, n: n }) : "";
}
