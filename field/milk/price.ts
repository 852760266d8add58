// What a delivery of milk is paid, as the office works it out: the twin of src/handup/groups/rules/milk.py (prices) and
// rate_chart.py (how a chart is kept, what a test can show). Everything is exact; rounded once, at the end.
import { Refusal } from "../core/money.ts";
import { by, isBelow, over, plain, plus, rounded, sum, times, ZERO, type Fraction, type Whole } from "../plans/exact.ts";

interface GridStep {
  readonly fat_bps: number;
  readonly snf_bps: number;
  readonly per_litre_x100: number;
}

interface Premium {
  readonly of: "FAT" | "SNF" | "COLD";
  readonly bound: number;
  readonly per_litre_x100: number;
}

/** A rate chart as it is kept: whole numbers only. */
export interface Terms {
  readonly pricing: "PER_LITRE" | "FAT_POINTS" | "TWO_AXIS" | "GRID";
  readonly per_litre_x100?: number;
  readonly per_fat_point_x100?: number;
  readonly fat_per_kg_x100?: number;
  readonly snf_per_kg_x100?: number;
  readonly kg_per_litre_x10000?: number;
  readonly snf_lactometer_x10000?: number;
  readonly snf_fat_x10000?: number;
  readonly snf_constant_x10000?: number;
  readonly grid?: readonly GridStep[];
  readonly premiums?: readonly Premium[];
}

export const TESTS = ["fat_bps", "clr_x100", "snf_bps", "temp_c10"] as const;
export type TestName = (typeof TESTS)[number];

/** A can as it is told: volume in ml, tests as whole numbers, and whether it passed. */
export interface Can extends Partial<Record<TestName, number>> {
  readonly volume_ml: number;
  readonly passed: boolean;
}

/** What a test can show: fat 0 to 15 %, lactometer 0 to 60, solids 0 to 20 %, -5 to 45 degrees; a can 1 ml to 100,000 l. */
export const BOUNDS: Readonly<Record<TestName | "volume_ml", readonly [number, number]>> = {
  volume_ml: [1, 100_000_000],
  fat_bps: [0, 1500],
  clr_x100: [0, 6000],
  snf_bps: [0, 2000],
  temp_c10: [-50, 450],
};

export const isWithin = (name: TestName | "volume_ml", value: number): boolean => BOUNDS[name][0] <= value && value <= BOUNDS[name][1];

/** Which tests a chart asks for; of the solids either they or the lactometer with the fat. */
export function testsOf(terms: Terms): TestName[] {
  const found = new Set<TestName>();
  const measures = new Set((terms.premiums ?? []).map((premium) => premium.of));
  const solids = terms.pricing === "TWO_AXIS" || terms.pricing === "GRID" || measures.has("SNF");
  if (terms.pricing !== "PER_LITRE" || measures.has("FAT")) found.add("fat_bps");
  if (solids) {
    found.add("fat_bps");
    found.add(terms.snf_lactometer_x10000 === undefined ? "snf_bps" : "clr_x100");
  }
  if (measures.has("COLD")) found.add("temp_c10");
  return TESTS.filter((name) => found.has(name));
}

const part = (value: number | undefined, divisor: number): Fraction | null => (value === undefined ? null : over(value, divisor));

/** The percent of solids: as measured, or from lactometer and fat by the chart, or unknown. */
export function snfOf(can: Can, terms: Terms): Fraction | null {
  if (can.snf_bps !== undefined) return over(can.snf_bps, 100);
  const { snf_lactometer_x10000: a, snf_fat_x10000: b, snf_constant_x10000: c } = terms;
  if (a === undefined || b === undefined || c === undefined || can.clr_x100 === undefined || can.fat_bps === undefined) return null;
  return sum([times(over(a, 10_000), over(can.clr_x100, 100)), times(over(b, 10_000), over(can.fat_bps, 100)), over(c, 10_000)]);
}

function price(value: number | undefined, divisor = 100): Fraction {
  if (value === undefined) throw new Refusal("NO_PRICE");
  return over(value, divisor);
}

function measured(value: Fraction | null): Fraction {
  if (value === null) throw new Refusal("NOT_MEASURED");
  return value;
}

/** What one can is paid in smallest units; a rejected one pays nothing. Throws NOT_MEASURED, NO_PRICE. */
export function amountOf(can: Can, terms: Terms): Whole {
  if (!can.passed) return 0;
  const litres = over(can.volume_ml, 1000);
  const [fat, snf] = [part(can.fat_bps, 100), snfOf(can, terms)];
  const exact = plus(basic(terms, litres, fat, snf), times(litres, sum(premiums(can, snf, terms))));
  const amount = rounded(exact);
  return plain(amount < 0n ? 0n : amount);
}

function basic(terms: Terms, litres: Fraction, fat: Fraction | null, snf: Fraction | null): Fraction {
  if (terms.pricing === "PER_LITRE") return times(litres, price(terms.per_litre_x100));
  if (terms.pricing === "GRID") return times(litres, gridPrice(terms.grid ?? [], measured(fat), measured(snf)));
  if (terms.pricing === "FAT_POINTS") return times(times(litres, measured(fat)), price(terms.per_fat_point_x100));
  const kilos = times(litres, price(terms.kg_per_litre_x10000, 10_000));
  const both = plus(times(measured(fat), price(terms.fat_per_kg_x100)), times(measured(snf), price(terms.snf_per_kg_x100)));
  return by(times(kilos, both), over(100));
}

/** The price of the step at or below: the highest step of fat reached, then within it the highest of solids. */
function gridPrice(grid: readonly GridStep[], fat: Fraction, snf: Fraction): Fraction {
  const reached = (bound: number, value: Fraction): boolean => !isBelow(value, over(bound, 100));
  const rows = grid.filter((step) => reached(step.fat_bps, fat));
  const highest = Math.max(...rows.map((step) => step.fat_bps));
  const cells = rows.filter((step) => step.fat_bps === highest && reached(step.snf_bps, snf)).sort((left, right) => right.snf_bps - left.snf_bps);
  const [cell] = cells;
  if (!cell) throw new Refusal("NO_PRICE");
  return over(cell.per_litre_x100, 100);
}

/** What a litre earns beside its price: of each measure the premium of the furthest bound it reached. */
function premiums(can: Can, snf: Fraction | null, terms: Terms): Fraction[] {
  const values = [["FAT", part(can.fat_bps, 100)], ["SNF", snf], ["COLD", part(can.temp_c10, 10)]] as const;
  return values.map(([measure, value]) => {
    const divisor = measure === "COLD" ? 10 : 100;
    const reached = (terms.premiums ?? []).filter((one) => {
      if (one.of !== measure || value === null) return false;
      const bound = over(one.bound, divisor);
      return measure === "COLD" ? !isBelow(bound, value) : !isBelow(value, bound);
    });
    const [best] = reached.sort((left, right) => (measure === "COLD" ? left.bound - right.bound : right.bound - left.bound));
    return best ? over(best.per_litre_x100, 100) : ZERO;
  });
}
