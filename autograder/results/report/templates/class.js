"use strict";
// The table of the class: sorting by its headings, and the filters above it. Without it the table is whole and in order.
(() => {
  const table = document.getElementById("class");
  const form = document.getElementById("filters");
  const shown = document.getElementById("shown");
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const headings = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  const place = (name) => headings.findIndex((heading) => heading.dataset.column === name);
  const text = (row, column) => (column < 0 ? "" : row.cells[column].textContent.trim());
  const points = (row, column) => Number.parseFloat(text(row, column).replace("\u2212", "-").replace(",", "."));
  const plain = (words) => words.normalize("NFC").toLocaleLowerCase().replaceAll("ё", "е");
  const words = new Map(rows.map((row) => [row, plain([row.dataset.id || "", ...[...row.querySelectorAll("[data-name]")].map((one) => one.textContent)].join(" "))]));

  function sortBy(heading) {
    const column = headings.indexOf(heading);
    const isNumber = heading.classList.contains("num");
    const sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    const values = new Map(rows.map((row) => [row, isNumber ? points(row, column) : text(row, column)]));
    rows.sort((one, other) => {
      const [a, b] = [values.get(one), values.get(other)];
      if (!isNumber) return sign * collator.compare(a, b);
      // What has no points comes last in both directions.
      return Number.isNaN(a) - Number.isNaN(b) || (Number.isNaN(a) ? 0 : sign * (a - b));
    });
    for (const each of headings) each.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    table.tBodies[0].append(...rows);
  }

  function isWanted(row, wanted) {
    if (!wanted.words.every((word) => words.get(row).includes(word))) return false;
    if (wanted.group && text(row, place("group")) !== wanted.group) return false;
    if (wanted.status && row.dataset.status !== wanted.status) return false;
    const total = points(row, place("total"));
    if (total < wanted.least || total > wanted.most) return false;
    if (!wanted.task) return true;
    if (row.classList.contains("unread")) return false;
    const column = place(wanted.task);
    const own = points(row, column);
    const most = Number(headings[column].dataset.most);
    return { lost: own < most, none: own === 0, all: own >= most, unmarked: Number.isNaN(own) }[wanted.which];
  }

  function filter() {
    const value = (name) => (form.elements[name]?.value ?? "").trim();
    const wanted = {
      words: plain(value("words")).split(/\s+/),
      group: value("group"),
      status: value("status"),
      task: value("task"),
      which: value("which"),
      least: value("least") === "" ? -Infinity : Number(value("least")),
      most: value("most") === "" ? Infinity : Number(value("most")),
    };
    form.elements.which.disabled = !wanted.task;
    let number = 0;
    for (const row of rows) {
      row.hidden = !isWanted(row, wanted);
      number += !row.hidden;
    }
    shown.textContent = `${number} / ${rows.length}`;
  }

  for (const heading of headings) heading.querySelector("button").addEventListener("click", () => sortBy(heading));
  form.addEventListener("input", filter);
  document.getElementById("everybody").addEventListener("click", () => {
    form.reset();
    filter();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
})();
