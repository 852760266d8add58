// What an expression says once it is read, and what may be wrong with it, each with its place in the text. The twin of
// src/handup/surveys/rules/xpath (surveys.md 4.1); tests/test_field_forms.py holds both to the same answers.

export type Kind =
  | "SYNTAX"
  | "UNKNOWN_FUNCTION"
  | "UNKNOWN_QUESTION"
  | "UNKNOWN_COLUMN"
  | "WRONG_ARGUMENT_COUNT"
  | "WRONG_ARGUMENT"
  | "UNSUPPORTED"
  | "EXTERNAL_FILE";

export interface Fault {
  readonly kind: Kind;
  readonly at: number;
}

/** An expression that cannot be read further. */
export class ExpressionError extends Error {
  constructor(readonly fault: Fault) {
    super(`${fault.kind} at ${fault.at}`);
  }
}

export interface Step {
  readonly name: string;
  readonly predicates: readonly Expression[];
  readonly at: number;
}

export interface Path {
  readonly is: "path";
  readonly absolute: boolean;
  readonly base: Expression | null;
  readonly predicates: readonly Expression[];
  readonly steps: readonly Step[];
  readonly at: number;
}

export type Expression =
  | { readonly is: "number"; readonly value: number; readonly at: number }
  | { readonly is: "text"; readonly value: string; readonly at: number }
  | { readonly is: "reference"; readonly name: string; readonly at: number }
  | { readonly is: "call"; readonly name: string; readonly args: readonly Expression[]; readonly at: number }
  | { readonly is: "minus"; readonly operand: Expression; readonly at: number }
  | { readonly is: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression; readonly at: number }
  | Path;

/** What an expression is made of, one level down. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.is) {
    case "call":
      return expression.args;
    case "minus":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "path":
      return [...(expression.base ? [expression.base] : []), ...expression.predicates, ...expression.steps.flatMap((step) => step.predicates)];
    default:
      return [];
  }
}
