// Exact fractions for the arithmetic of a plan: nothing is rounded before the one place its rule names
// (src/handup/kernel/money.py).
import { divideHalfUp, floorDivide, type Fraction } from "../core/money.ts";

export type { Fraction } from "../core/money.ts";
export type Whole = number | bigint;

const positive = (value: bigint): bigint => (value < 0n ? -value : value);

function gcd(left: bigint, right: bigint): bigint {
  while (right) [left, right] = [right, left % right];
  return left;
}

/** n / d in lowest terms, the denominator above zero. */
export function over(n: Whole, d: Whole = 1n): Fraction {
  let [above, below] = [BigInt(n), BigInt(d)];
  if (below < 0n) [above, below] = [-above, -below];
  const shared = gcd(positive(above), below) || 1n;
  return { n: above / shared, d: below / shared };
}

export const ZERO = over(0);
export const ONE = over(1);
export const plus = (a: Fraction, b: Fraction): Fraction => over(a.n * b.d + b.n * a.d, a.d * b.d);
export const minus = (a: Fraction, b: Fraction): Fraction => over(a.n * b.d - b.n * a.d, a.d * b.d);
export const times = (a: Fraction, b: Fraction): Fraction => over(a.n * b.n, a.d * b.d);
export const by = (a: Fraction, b: Fraction): Fraction => over(a.n * b.d, a.d * b.n);
export const power = (a: Fraction, exponent: number): Fraction => ({ n: a.n ** BigInt(exponent), d: a.d ** BigInt(exponent) });
export const isBelow = (a: Fraction, b: Fraction): boolean => a.n * b.d < b.n * a.d;
export const least = (a: Fraction, b: Fraction): Fraction => (isBelow(b, a) ? b : a);
export const most = (a: Fraction, b: Fraction): Fraction => (isBelow(a, b) ? b : a);
export const sum = (all: Iterable<Fraction>): Fraction => [...all].reduce(plus, ZERO);
export const total = (all: Iterable<Whole>): bigint => [...all].reduce<bigint>((left, right) => left + BigInt(right), 0n);

/** The quotient, null where nothing can be divided: shown as "not defined". */
export const ratio = (a: Fraction, b: Fraction): Fraction | null => (b.n ? by(a, b) : null);
export const percent = (a: Fraction, b: Fraction): Fraction | null => ratio(times(a, over(100)), b);

/** To the nearest whole unit, half away from zero. */
export const rounded = (x: Fraction): bigint => divideHalfUp(x.n, x.d);
export const down = (x: Fraction, unit = 1n): bigint => floorDivide(x.n, x.d * unit) * unit;
export const up = (x: Fraction): bigint => -floorDivide(-x.n, x.d);

/** x with that many decimals, half up: "-12.50". */
export function text(x: Fraction, decimals: number): string {
  const scaled = divideHalfUp(x.n * 10n ** BigInt(decimals), x.d);
  const digits = String(positive(scaled)).padStart(decimals + 1, "0");
  const sign = scaled < 0n ? "-" : "";
  return decimals ? `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : sign + digits;
}

export const textOrNull = (x: Fraction | null, decimals: number): string | null => x && text(x, decimals);

/** A whole amount as JSON carries it: a number as far as numbers go. */
export const plain = (value: bigint): Whole => (Number.isSafeInteger(Number(value)) ? Number(value) : value);
