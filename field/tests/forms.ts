// The form of the shared table of expressions: questions, one repeat, one list of labels.
import { check } from "../forms/check.ts";
import { compileText, evaluate, written } from "../forms/evaluate.ts";
import type { Path } from "../forms/tree.ts";
import { Node, treeOf } from "../forms/values.ts";

export const ANSWERS = {
  a: "5",
  b: "2.5",
  e: "",
  t: "Ani",
  m: "x y z",
  s: "yes",
  d: "2026-03-15",
  worker: [{ w: "22" }, { w: "11" }, { w: "" }],
};
export const KNOWN = { questions: new Set(["a", "b", "e", "t", "m", "s", "d", "w", "worker"]) };
const LABELS: Readonly<Record<string, string>> = { yes: "Yes, we do" };

function pathOf(name: string): Path {
  const names = name === "w" ? ["data", "worker", "w"] : ["data", name];
  return { is: "path", absolute: true, base: null, predicates: [], steps: names.map((one) => ({ name: one, predicates: [], at: 0 })), at: 0 };
}

/** The text an expression gives for the answers of the table. */
export function result(expression: string): string {
  const root = treeOf("data", ANSWERS);
  const world = { root, now: "2026-03-15T10:00:00.000+00:00", choiceLabel: (_node: Node, value: string) => LABELS[value] ?? "" };
  return written(evaluate(compileText(expression, pathOf), world, new Node("calculated", root)));
}

/** What is wrong with an expression, or the text it gives. */
export function looked(expression: string): { faults: [string, number][]; result: string | null } {
  const faults = check(expression, KNOWN).map(({ kind, at }): [string, number] => [kind, at]);
  return { faults, result: faults.length ? null : result(expression) };
}
