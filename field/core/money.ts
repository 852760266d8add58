// Whole smallest units and exact fractions: no float comes near money. What is divided always sums back
// (src/handup/kernel/money.py, groups.md G3).

/** An exact fraction, lowest terms not required; the denominator is above zero. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly facts: Readonly<Record<string, string | number>> = {},
  ) {
    super(code);
  }
}

export const fraction = (n: number | bigint, d: number | bigint = 1): Fraction => ({ n: BigInt(n), d: BigInt(d) });

/** A decimal text ("12.5", "-3") or a ratio ("1/3") as an exact fraction. */
export function fractionOf(text: string): Fraction {
  const parts = /^(-?)(\d+)(?:\.(\d+)|\/(\d+))?$/.exec(text.trim());
  if (!parts) throw new RangeError(`${text} is no number`);
  const [, sign, whole = "", decimals = "", below] = parts;
  const n = BigInt(whole + decimals) * (sign ? -1n : 1n);
  return { n, d: below === undefined ? 10n ** BigInt(decimals.length) : BigInt(below) };
}

/** A whole number that JSON carries exactly. Throws RangeError beyond it. */
export function whole(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is beyond what is counted here`);
  return number;
}

/** n / d rounded down. */
export function floorDivide(n: bigint, d: bigint): bigint {
  const quotient = n / d;
  return n % d !== 0n && n < 0n !== d < 0n ? quotient - 1n : quotient;
}

/** n / d (d > 0) to the nearest whole number, ties away from zero. */
export function divideHalfUp(n: bigint, d: bigint): bigint {
  const quotient = floorDivide(n, d);
  const twice = 2n * (n - quotient * d);
  if (twice !== d) return quotient + (twice > d ? 1n : 0n);
  return quotient + (n > 0n ? 1n : 0n);
}

export interface Split {
  readonly parts: readonly bigint[];
  readonly leftover: bigint;
}

/** Divide a whole among weights by the largest remainder; the earlier place takes a tie. Parts and leftover add up to
 * the total. Throws NEGATIVE_TOTAL, NEGATIVE_WEIGHT, NO_WEIGHT. */
export function split(total: bigint, weights: readonly Fraction[], unit = 1n): Split {
  if (total < 0n) throw new Refusal("NEGATIVE_TOTAL");
  if (weights.some((weight) => weight.n < 0n)) throw new Refusal("NEGATIVE_WEIGHT");
  const scale = weights.reduce((product, weight) => product * weight.d, 1n);
  const shares = weights.map((weight) => (weight.n * scale) / weight.d);
  const sum = shares.reduce((left, right) => left + right, 0n);
  if (sum === 0n) throw new Refusal("NO_WEIGHT");
  const units = total / unit;
  const counts = shares.map((share) => (units * share) / sum);
  const rests = shares.map((share) => (units * share) % sum);
  const byRest = rests.map((_rest, place) => place).sort((left, right) => compare(rests[right] ?? 0n, rests[left] ?? 0n) || left - right);
  const left = Number(units - counts.reduce((all, count) => all + count, 0n));
  for (const place of byRest.slice(0, left)) counts[place] = (counts[place] ?? 0n) + 1n;
  return { parts: counts.map((count) => count * unit), leftover: total % unit };
}

const compare = (left: bigint, right: bigint): number => (left < right ? -1 : left > right ? 1 : 0);
