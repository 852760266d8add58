// A sheet: a table of people and columns, filled in with the keyboard as the paper beside it was. Each cell is kept as it is
// left; a cell that cannot be written down says so beside itself, and what is written down stands fast.
import type { Surroundings } from "../../store/group.ts";
import { dropDraft, keepDraft } from "../../store/work.ts";
import { partsOf, textOf } from "../../plans/told.ts";
import { amount, number, t, type Currency } from "../text.ts";
import { button, h, notice, show, type Act } from "../ui.ts";
import { asciiDigits } from "../work/asking.ts";
import { dressed } from "./look.ts";

/** What is told in a column: one of some choices, an amount of money, or a whole number. */
export interface Column {
  readonly id: string;
  readonly title: string;
  readonly choices?: readonly (readonly [string, string])[];
  readonly currency?: Currency;
  readonly most?: number;
}

export interface Row {
  readonly id: string;
  /** What is read beside the cells: her name first. */
  readonly said: readonly string[];
  /** Cells that are written down already, as they read. */
  readonly written: Readonly<Record<string, string>>;
  /** Columns that are not asked of her. */
  readonly closed?: readonly string[];
}

/** What stands in the cells that are not written down, by row and column, as it was typed. */
export type Cells = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What was told in a cell: a choice, or units. */
export interface Entry {
  readonly row: string;
  readonly column: string;
  readonly told: string | number;
}

export interface Fault {
  readonly row: string;
  readonly column: string;
  readonly message: string;
}

export interface Sheet {
  readonly title: string;
  readonly said?: string;
  readonly heads: readonly string[];
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly cells: Cells;
  readonly verb?: string;
  readonly back: Act;
  keep(cells: Cells): Promise<void>;
  /** What is wrong between cells: as long as anything is, nothing is written down. */
  check?(entries: readonly Entry[]): readonly Fault[];
  /** Write down what the cells say, row by row; returns what could not be. */
  write(entries: readonly Entry[]): Promise<readonly Fault[]>;
  /** Draw it again, from what is written down now. */
  again(faults: readonly Fault[]): unknown;
}

const MOST = 10 ** 12;
const STEPS: Readonly<Record<string, readonly [number, number]>> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** A cell as it is told; null where it cannot be read. */
export function read(column: Column, typed: string): string | number | null {
  if (column.choices) return column.choices.some(([code]) => code === typed) ? typed : null;
  return partsOf(asciiDigits(typed.trim()), column.currency?.digits ?? 0, column.most ?? MOST);
}

/** Units as they are typed into a cell. */
export const typedOf = (units: number, currency: Currency): string => textOf(units, currency.digits);

const wrong = ({ choices, currency, most }: Column): string => {
  if (choices) return t("Choose one of the list.");
  if (currency) return t("Write an amount, such as {sum}.", { sum: textOf(125 * 10 ** currency.digits, currency.digits) });
  return t("Write a whole number, {n} at most.", { n: most ?? MOST });
};

/** What all cells say, and those that cannot be read; an empty cell says nothing. */
export function readAll({ rows, columns }: Pick<Sheet, "rows" | "columns">, cells: Cells): { readonly entries: readonly Entry[]; readonly faults: readonly Fault[] } {
  const [entries, faults]: [Entry[], Fault[]] = [[], []];
  for (const row of rows) {
    for (const column of columns) {
      const typed = cells[row.id]?.[column.id] ?? "";
      if (!typed.trim() || row.written[column.id] !== undefined || row.closed?.includes(column.id)) continue;
      const told = read(column, typed);
      if (told === null) faults.push({ row: row.id, column: column.id, message: wrong(column) });
      else entries.push({ row: row.id, column: column.id, told });
    }
  }
  return { entries, faults };
}

/** Cells without those that were written down, and without empty ones. */
export function without(cells: Cells, entries: readonly Pick<Entry, "row" | "column">[]): Cells {
  const gone = new Set(entries.map(({ row, column }) => `${row} ${column}`));
  const left = Object.entries(cells).map(([row, told]) => [row, Object.fromEntries(Object.entries(told).filter(([column, typed]) => typed.trim() && !gone.has(`${row} ${column}`)))] as const);
  return Object.fromEntries(left.filter(([, told]) => Object.keys(told).length));
}

/** Keep cells, sealed; nothing is kept of an empty sheet. */
export const keepCells = (around: Surroundings, key: string, cells: Cells): Promise<void> => (Object.keys(cells).length ? keepDraft(around, key, cells) : dropDraft(around, key));

class Drawn {
  private cells: Cells;
  private keeping: Promise<void> = Promise.resolve();
  private readonly fields = new Map<string, HTMLInputElement | HTMLSelectElement>();
  private readonly sums = new Map<string, HTMLElement>();

  constructor(
    private readonly sheet: Sheet,
    private readonly faults: readonly Fault[],
  ) {
    this.cells = sheet.cells;
  }

  show(): void {
    dressed();
    const { sheet } = this;
    const head = h("tr", {}, [...sheet.heads, ...sheet.columns.map(({ title }) => title)].map((title) => h("th", { scope: "col" }, title)));
    const hasSums = sheet.columns.some(({ choices }) => !choices);
    show({
      title: sheet.title,
      question: t("Fill in the sheet"),
      said: [sheet.said, t("Tab, Enter and the arrows go from cell to cell. Each cell is kept as you leave it.")].filter(Boolean).join(" "),
      body: h("table", { class: "sheet", keydown: (event) => this.step(event as KeyboardEvent) }, h("thead", {}, head), h("tbody", {}, sheet.rows.map((row) => this.row(row))), hasSums && h("tfoot", {}, this.foot())),
      back: async () => {
        await this.keeping;
        await sheet.back();
      },
      actions: button(sheet.verb ?? t("Write it down"), () => this.write(), "main"),
    });
    for (const { row, column, message } of this.faults) this.say(row, column, message);
    this.add();
    // Of a cell that is written down in part nothing can be typed any more: what is wrong with the rest is said above.
    const apart = this.faults.filter(({ row, column }) => !this.fields.has(`${row} ${column}`));
    if (apart.length) notice(apart.map(({ row, message }) => `${sheet.rows.find(({ id }) => id === row)?.said[0] ?? ""}: ${message}`).join(" "));
    const [first] = this.faults;
    (first ? this.fields.get(`${first.row} ${first.column}`) : [...this.fields.values()].find((field) => !field.value))?.focus();
  }

  private row(row: Row): HTMLElement {
    const { columns } = this.sheet;
    const [name = "", ...more] = row.said;
    return h("tr", {}, h("th", { scope: "row" }, name), more.map((text) => h("td", {}, text)), columns.map((column) => this.cell(row, column, name)));
  }

  private cell(row: Row, column: Column, name: string): HTMLElement {
    const written = row.written[column.id];
    if (written !== undefined) return h("td", { class: column.choices ? "written" : "written number" }, `✓ ${written}`);
    if (row.closed?.includes(column.id)) return h("td", { class: "written" }, "–");
    const label = { "aria-label": `${name} · ${column.title}`, "data-row": row.id, "data-column": column.id };
    const field = column.choices
      ? (h("select", label, h("option", { value: "" }, ""), column.choices.map(([code, said]) => h("option", { value: code }, said))) as HTMLSelectElement)
      : (h("input", { ...label, type: "text", inputmode: column.currency?.digits ? "decimal" : "numeric", autocomplete: "off", maxlength: 16 }) as HTMLInputElement);
    field.value = this.cells[row.id]?.[column.id] ?? "";
    field.addEventListener("input", () => this.told(row.id, column, field.value));
    this.fields.set(`${row.id} ${column.id}`, field);
    return h("td", { class: "entry" }, field);
  }

  /** One cell says something else now: it is kept, one writing after the other. */
  private told(row: string, column: Column, typed: string): void {
    this.cells = { ...this.cells, [row]: { ...this.cells[row], [column.id]: typed } };
    const isRight = !typed.trim() || read(column, typed) !== null;
    this.say(row, column.id, isRight ? "" : wrong(column));
    this.add();
    const now = this.cells;
    this.keeping = this.keeping.then(() => (now === this.cells ? this.sheet.keep(now) : undefined)).catch(() => notice(t("This cell could not be kept. Make room on this device.")));
  }

  private say(row: string, column: string, message: string): void {
    const field = this.fields.get(`${row} ${column}`);
    if (!field) return;
    const id = `fault-${row}-${column}`;
    field.parentElement?.querySelector("p")?.remove();
    field.setAttribute("aria-invalid", String(message !== ""));
    field.setAttribute("aria-describedby", message && id);
    if (message) field.after(h("p", { id }, message));
  }

  private foot(): HTMLElement {
    const { heads, columns } = this.sheet;
    return h("tr", {}, h("td", { colspan: heads.length }, t("Together")), columns.map((column) => {
      const cell = h("td", { class: "number", "data-sum": column.id }, "");
      this.sums.set(column.id, cell);
      return cell;
    }));
  }

  /** The sum of what is typed in each column of numbers; what is written down stands in the book. */
  private add(): void {
    const { entries } = readAll(this.sheet, this.cells);
    for (const { id, choices, currency } of this.sheet.columns) {
      const cell = this.sums.get(id);
      if (!cell || choices) continue;
      const units = entries.filter(({ column }) => column === id).reduce((sum, { told }) => sum + Number(told), 0);
      cell.textContent = currency ? amount(units, currency) : number(units);
    }
  }

  /** Enter and the arrows go to the next cell; within a text the arrows go sign by sign until its end. */
  private step(event: KeyboardEvent): void {
    const by = STEPS[event.key];
    const field = event.target;
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) return;
    if (by[1] && field instanceof HTMLInputElement) {
      const at = by[1] < 0 ? 0 : field.value.length;
      if (field.selectionStart !== at || field.selectionEnd !== at) return;
    }
    event.preventDefault();
    const back = event.key === "Enter" && event.shiftKey;
    this.beside(field, back ? [-1, 0] : by)?.focus();
  }

  private beside(field: HTMLElement, [down, across]: readonly [number, number]): HTMLElement | undefined {
    const { rows, columns } = this.sheet;
    let row = rows.findIndex(({ id }) => id === field.dataset["row"]);
    let column = columns.findIndex(({ id }) => id === field.dataset["column"]);
    for (;;) {
      [row, column] = [row + down, column + across];
      const [there, what] = [rows[row], columns[column]];
      if (!there || !what) return undefined;
      const found = this.fields.get(`${there.id} ${what.id}`);
      if (found) return found;
    }
  }

  private async write(): Promise<void> {
    await this.keeping;
    const { entries, faults: unread } = readAll(this.sheet, this.cells);
    const faults = [...unread, ...(this.sheet.check?.(entries) ?? [])];
    if (faults.length) {
      for (const { row, column, message } of faults) this.say(row, column, message);
      const [first] = faults;
      this.fields.get(`${first?.row} ${first?.column}`)?.focus();
      return notice(t("Some cells cannot be right. Nothing was written down."));
    }
    if (!entries.length) return notice(t("Nothing is filled in."));
    const left = await this.sheet.write(entries);
    const isLeft = (one: Entry): boolean => left.some(({ row, column }) => row === one.row && column === one.column);
    await this.sheet.keep(without(this.cells, entries.filter((one) => !isLeft(one))));
    await this.sheet.again(left);
  }
}

/** Show a sheet, with what could not be written down of it beside its cells. */
export const fillIn = (sheet: Sheet, faults: readonly Fault[] = []): void => new Drawn(sheet, faults).show();
