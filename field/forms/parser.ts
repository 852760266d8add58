// Reads tokens into a tree, by the grammar of XPath 1.0 with `${name}` as one more start.
import { tokens, type Token } from "./lexer.ts";
import { ExpressionError, type Expression, type Kind, type Step } from "./tree.ts";

const DEEPEST = 60;
const LONGEST_CHAIN = 400;
const LEVELS: readonly (readonly string[])[] = [["or"], ["and"], ["=", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "div", "mod"]];

/** Read an expression. Throws ExpressionError at the first place that cannot be read. */
export const parse = (text: string): Expression => new Reader(tokens(text)).whole();

const fail = (kind: Kind, at: number): ExpressionError => new ExpressionError({ kind, at });

class Reader {
  private next = 0;
  private depth = 0;

  constructor(private readonly given: readonly Token[]) {}

  private get token(): Token {
    return this.given[this.next] as Token;
  }

  whole(): Expression {
    if (this.isEnd()) throw fail("SYNTAX", 0);
    const found = this.expression();
    if (!this.isEnd()) throw this.unexpected();
    return found;
  }

  private expression(): Expression {
    this.depth += 1;
    if (this.depth > DEEPEST) throw fail("SYNTAX", this.token.at);
    const found = this.level(0);
    this.depth -= 1;
    return found;
  }

  /** One level of operators that bind alike, from left to right. */
  private level(number: number): Expression {
    const below = (): Expression => (number === LEVELS.length - 1 ? this.unary() : this.level(number + 1));
    let found = below();
    for (let length = 1; this.isOperator(...(LEVELS[number] ?? [])); length += 1) {
      const { value, at } = this.take();
      if (length > LONGEST_CHAIN) throw fail("SYNTAX", at);
      found = { is: "binary", operator: value, left: found, right: below(), at };
    }
    return found;
  }

  private unary(): Expression {
    const signs: number[] = [];
    while (this.isOperator("-")) signs.push(this.take().at);
    let found = this.path();
    for (const at of signs.slice(signs.length % 2 === 0 ? -2 : -1).reverse()) found = { is: "minus", operand: found, at };
    if (this.isOperator("|")) throw fail("UNSUPPORTED", this.token.at);
    return found;
  }

  private path(): Expression {
    const { at } = this.token;
    if (this.isOperator("/")) {
      this.take();
      return { is: "path", absolute: true, base: null, predicates: [], steps: this.steps(), at };
    }
    const base = this.primary();
    if (base === null) return { is: "path", absolute: false, base: null, predicates: [], steps: this.steps(), at };
    const predicates = this.predicates();
    let steps: readonly Step[] = [];
    if (this.isOperator("/")) {
      this.take();
      steps = this.steps();
    }
    if (!predicates.length && !steps.length) return base;
    return { is: "path", absolute: false, base, predicates, steps, at };
  }

  /** A value, a function or a bracket; null where a path starts. */
  private primary(): Expression | null {
    const { sort, at } = this.token;
    if (sort === "NUMBER") return { is: "number", value: Number(this.take().value), at };
    if (sort === "TEXT") return { is: "text", value: this.take().value, at };
    if (sort === "REFERENCE") return { is: "reference", name: this.take().value, at };
    if (this.isOperator("(")) {
      this.take();
      const found = this.expression();
      this.close(")", at);
      return found;
    }
    const following = this.given[this.next + 1];
    if (sort === "NAME" && following?.sort === "OPERATOR" && following.value === "(") return this.call();
    return null;
  }

  private call(): Expression {
    const name = this.take();
    const opened = this.take();
    const args: Expression[] = [];
    if (!this.isOperator(")")) {
      args.push(this.expression());
      while (this.isOperator(",")) {
        this.take();
        args.push(this.expression());
      }
    }
    this.close(")", opened.at);
    return { is: "call", name: name.value, args, at: name.at };
  }

  private steps(): Step[] {
    const found = [this.step()];
    while (this.isOperator("/")) {
      this.take();
      found.push(this.step());
    }
    return found;
  }

  private step(): Step {
    const { sort, value, at } = this.token;
    if (this.isOperator("@")) throw fail("UNSUPPORTED", at);
    if (sort !== "NAME" && !this.isOperator(".", "..")) throw this.unexpected();
    this.take();
    if (this.isOperator("::")) throw fail("UNSUPPORTED", at);
    return { name: value, predicates: this.predicates(), at };
  }

  private predicates(): Expression[] {
    const found: Expression[] = [];
    while (this.isOperator("[")) {
      const opened = this.take();
      found.push(this.expression());
      this.close("]", opened.at);
    }
    return found;
  }

  private isEnd(): boolean {
    return this.token.sort === "END";
  }

  private isOperator(...values: readonly string[]): boolean {
    return this.token.sort === "OPERATOR" && values.includes(this.token.value);
  }

  private take(): Token {
    const { token } = this;
    this.next += 1;
    return token;
  }

  private close(bracket: string, opened: number): void {
    if (this.isOperator(bracket)) this.take();
    else throw this.isEnd() ? fail("SYNTAX", opened) : this.unexpected();
  }

  private unexpected(): ExpressionError {
    return fail(this.isOperator("//") ? "UNSUPPORTED" : "SYNTAX", this.token.at);
  }
}
