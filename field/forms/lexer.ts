// Cuts the text of an expression into tokens; the first thing that is no token stops it.
import { ExpressionError } from "./tree.ts";

export type Sort = "NUMBER" | "TEXT" | "REFERENCE" | "NAME" | "OPERATOR" | "END";

export interface Token {
  readonly sort: Sort;
  readonly value: string;
  readonly at: number;
}

export const LONGEST = 10_000;
const NAME = "[\\p{L}\\p{Nl}\\p{No}_][\\p{L}\\p{N}_.\\-]*(?::[\\p{L}\\p{Nl}\\p{No}_][\\p{L}\\p{N}_.\\-]*)?";
const PIECE = new RegExp(
  `(?<space>\\s+)|(?<NUMBER>\\d+(?:\\.\\d*)?|\\.\\d+)|(?<TEXT>'[^']*'|"[^"]*")|\\$\\{\\s*(?<REFERENCE>${NAME})\\s*\\}` +
    `|(?<NAME>${NAME})|(?<OPERATOR>\\.\\.|::|\\/\\/|!=|<=|>=|[\\-+*\\/=<>|()[\\],.@])`,
  "uy",
);
const SORTS: readonly Sort[] = ["NUMBER", "TEXT", "REFERENCE", "NAME", "OPERATOR"];
const WORDS = new Set(["and", "or", "div", "mod"]);
const OPENS = new Set(["(", "[", ",", "@", "::", "/", "//", "|", "+", "-", "=", "!=", "<", "<=", ">", ">=", "*", ...WORDS]);

/** The tokens of an expression, ended by END. Throws ExpressionError. */
export function tokens(text: string): Token[] {
  if (text.length > LONGEST) throw new ExpressionError({ kind: "SYNTAX", at: LONGEST });
  const found: Token[] = [];
  for (let at = 0; at < text.length; ) {
    PIECE.lastIndex = at;
    const groups = PIECE.exec(text)?.groups;
    if (!groups) throw new ExpressionError({ kind: "SYNTAX", at });
    const sort = SORTS.find((one) => groups[one] !== undefined);
    if (sort) found.push(token(sort, groups[sort] ?? "", at, found[found.length - 1]));
    at = PIECE.lastIndex;
  }
  found.push({ sort: "END", value: "", at: text.length });
  return found;
}

function token(sort: Sort, value: string, at: number, before: Token | undefined): Token {
  if (sort === "TEXT") return { sort, value: value.slice(1, -1), at };
  const afterValue = before !== undefined && !(before.sort === "OPERATOR" && OPENS.has(before.value));
  if (sort === "NAME" && WORDS.has(value) && afterValue) return { sort: "OPERATOR", value, at };
  if (sort === "OPERATOR" && value === "*" && !afterValue) return { sort: "NAME", value, at };
  return { sort, value, at };
}
