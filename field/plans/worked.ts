// A plan that was told, worked out: the inputs of its rules, every figure by its name, and the fact the office reads
// (src/handup/sync/services/work_plans.py).
import { Refusal } from "../core/money.ts";
import { evaluate, type PlanInputs } from "./evaluate.ts";
import type { Origin, Told } from "./told.ts";

/** The version of the arithmetic, as the office names it (ENGINE_VERSION). */
export const ENGINE = "plans-1";

/** What a plan is worked out from, as the office freezes it; without lines there is no household sheet. Throws
 * HORIZON_TOO_SHORT. */
export function inputsOf(told: Told, capacity_bps: number): PlanInputs {
  const { sheet, costing, finance, months } = told;
  if (finance && finance.instalments > months) throw new Refusal("HORIZON_TOO_SHORT", { last: finance.instalments, months });
  const { season_bps, drawings_from, things, products, costs, ...money } = costing;
  const isTold = sheet.lines.length > 0;
  return {
    months,
    ...money,
    convention: isTold ? sheet.convention : "DAYS_28",
    miscellaneous_bps: isTold ? sheet.miscellaneous_bps : 0,
    capacity_bps,
    month_limit_percent: 100,
    min_capacity_percent: 100,
    max_indebtedness_percent: 100,
    drawings_from,
    season_bps,
    sheet: sheet.lines.map((line) => [line.section, line.span, line.units] as const),
    investments: things,
    products,
    costs: costs.map(({ kind, amounts }) => ({ kind, units: amounts })),
    finance,
    scenarios: told.scenarios,
  };
}

/** Every figure of a result by its name (`months.3.closing_cash`), as the text of its whole number or decimal: twin of
 * src/handup/plans/rules/told.py. */
export function flat(results: object): Record<string, string> {
  const found = new Map<string, string>();
  const gather = (name: string, value: unknown): void => {
    if (Array.isArray(value)) {
      found.set(name, String(value.length));
      value.forEach((one, place) => gather(`${name}.${place + 1}`, one));
    } else if (typeof value === "object" && value !== null) {
      for (const [inner, one] of Object.entries(value)) gather(`${name}.${inner}`, one);
    } else found.set(name, value === null || value === undefined ? "" : String(value));
  };
  for (const [name, value] of Object.entries(results)) gather(name, value);
  return Object.fromEntries(found);
}

/** What the adviser says of a plan, and how its owner agreed: the picture of her name or mark is sent behind it. */
export interface Advice {
  readonly statement: string;
  readonly signed_by: "SIGNATURE" | "MARK";
  readonly witness: string;
}

/** The fact `write_plan`; one that is handed in tells what the phone came to. Throws what `inputsOf` and `evaluate` do. */
export function bodyOf(told: Told, origin: Origin, capacity_bps: number, handIn: boolean): Readonly<Record<string, unknown>> {
  const worked = handIn ? { engine: ENGINE, worked: flat(evaluate(inputsOf(told, capacity_bps))) } : {};
  return { ...origin, ...told, hand_in: handIn, ...worked };
}
