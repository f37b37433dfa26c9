/*
 * Arrow keys in a long table of rows with a button each: up and down go from row to row, Home and End to the
 * first and the last. Tab works without this file; it only saves two hundred presses.
 */
"use strict";

(function () {
  document.querySelectorAll("table[data-arrows]").forEach(function (table) {
    const links = Array.from(table.querySelectorAll("tbody a.button"));
    table.addEventListener("keydown", function (event) {
      const at = links.indexOf(document.activeElement);
      const step = { ArrowDown: 1, ArrowUp: -1, Home: -links.length, End: links.length }[event.key];
      if (at < 0 || !step || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      event.preventDefault();
      links[Math.max(0, Math.min(links.length - 1, at + step))].focus();
    });
  });
})();
