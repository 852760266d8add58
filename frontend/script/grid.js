// A sheet: arrows and Enter move between cells, a block pasted from a spreadsheet fills them, columns add up.
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [1, 0] };

const rowsOf = (table) => [...table.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll(".cell")]);

function placeOf(table, cell) {
  const rows = rowsOf(table);
  const row = rows.findIndex((cells) => cells.includes(cell));
  return { rows, row, column: row < 0 ? -1 : rows[row].indexOf(cell) };
}

function move(table, cell, [down, right]) {
  const { rows, row, column } = placeOf(table, cell);
  const next = rows[row + down]?.[column + right];
  if (next) {
    next.focus();
    next.select?.();
  }
  return Boolean(next);
}

function paste(table, cell, text) {
  const { rows, row, column } = placeOf(table, cell);
  text
    .replace(/\r?\n$/, "")
    .split(/\r?\n/)
    .forEach((line, down) => {
      line.split("\t").forEach((value, right) => {
        const target = rows[row + down]?.[column + right];
        if (!target) return;
        if (target.type === "checkbox") target.checked = /^(1|x|yes|true|✓)$/i.test(value.trim());
        else target.value = value.trim();
        target.dispatchEvent(new Event("input", { bubbles: true }));
      });
    });
}

function addUp(table) {
  const sums = new Map();
  for (const cell of table.querySelectorAll("[data-sum]")) {
    const before = sums.get(cell.dataset.sum) ?? 0;
    const value = cell.type === "checkbox" ? Number(cell.checked) : Number(cell.value.replace(/[\s\u00a0\u202f]/g, "").replace(",", "."));
    sums.set(cell.dataset.sum, before + (Number.isFinite(value) ? value : 0));
  }
  for (const [id, sum] of sums) {
    const output = document.getElementById(id);
    if (output) output.textContent = sum.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
  }
}

export function startGrids(root) {
  for (const table of root.querySelectorAll("[data-grid] table:not([data-ready])")) {
    table.dataset.ready = "1";
    table.addEventListener("keydown", (event) => {
      const way = MOVES[event.key];
      if (way && event.target.matches(".cell:not(select)") && move(table, event.target, way)) event.preventDefault();
    });
    table.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text/plain");
      if (!event.target.matches(".cell") || !/[\t\n]/.test(text)) return;
      event.preventDefault();
      paste(table, event.target, text);
    });
    table.addEventListener("input", () => addUp(table));
    addUp(table);
  }
}
