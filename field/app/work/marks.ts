// What whoever appraises a loan looks at, how it is marked, and what is recommended.
import { t } from "../text.ts";

export type Named = readonly (readonly [string, () => string])[];
/** What is looked at, as the office marks it. */
export const CRITERIA: Named = [
  ["capacity", () => t("Can she repay?")],
  ["character", () => t("Does she keep her word?")],
  ["business", () => t("How does her business stand?")],
  ["market", () => t("Does what she sells find buyers?")],
  ["security", () => t("What stands behind the loan?")],
];
export const MARKS: Named = [
  ["4", () => t("Very good")],
  ["3", () => t("Good")],
  ["2", () => t("Fair")],
  ["1", () => t("Weak")],
  ["0", () => t("It speaks against")],
];
export const OUTCOMES: Named = [
  ["APPROVE", () => t("Give the loan")],
  ["APPROVE_LESS", () => t("Give less")],
  ["RETURN", () => t("Ask again later")],
  ["DECLINE", () => t("Do not give it")],
];

/** A code in its words; a dash where it has none. */
export const words = (named: Named, code: string | undefined): string => named.find(([one]) => one === code)?.[1]() ?? "–";
