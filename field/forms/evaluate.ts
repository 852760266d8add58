// Turns a tree into something that is called once an answer is there: nothing is read twice, nothing is eval.
import { LIBRARY, type Scope, type World } from "./library.ts";
import { parse } from "./parser.ts";
import type { Expression, Path } from "./tree.ts";
import { booleanOf, equal, Node, numberOf, ordered, remainder, textOf, type Value } from "./values.ts";

export type Evaluate = (scope: Scope) => Value;
/** Where the answer of `${name}` stands. */
export type Resolve = (name: string) => Path;

const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  div: (left, right) => left / right,
  mod: remainder,
};

/** Read an expression and prepare it. Throws ExpressionError. */
export const compileText = (text: string, resolve: Resolve): Evaluate => compile(parse(text), resolve);

/** Prepare a tree that was checked before. */
export function compile(expression: Expression, resolve: Resolve): Evaluate {
  switch (expression.is) {
    case "number":
    case "text":
      return () => expression.value;
    case "reference":
      return path(resolve(expression.name), resolve);
    case "minus": {
      const operand = compile(expression.operand, resolve);
      return (scope) => -numberOf(operand(scope));
    }
    case "binary":
      return binary(expression.operator, compile(expression.left, resolve), compile(expression.right, resolve));
    case "call":
      return call(expression.name, expression.args.map((one) => compile(one, resolve)));
    case "path":
      return path(expression, resolve);
  }
}

function binary(sign: string, left: Evaluate, right: Evaluate): Evaluate {
  if (sign === "and") return (scope) => booleanOf(left(scope)) && booleanOf(right(scope));
  if (sign === "or") return (scope) => booleanOf(left(scope)) || booleanOf(right(scope));
  if (sign === "=" || sign === "!=") return (scope) => equal(left(scope), right(scope), sign === "=");
  const operation = ARITHMETIC[sign];
  if (operation) return (scope) => operation(numberOf(left(scope)), numberOf(right(scope)));
  return (scope) => ordered(sign, left(scope), right(scope));
}

function call(name: string, args: readonly Evaluate[]): Evaluate {
  const [first, second, third] = args;
  if (name === "if" && first && second && third) return (scope) => (booleanOf(first(scope)) ? second(scope) : third(scope));
  if (name === "once" && first) return (scope) => scope.node.text || textOf(first(scope));
  if (name === "coalesce") {
    return (scope) => {
      for (const one of args) {
        const value = textOf(one(scope));
        if (value) return value;
      }
      return "";
    };
  }
  const found = LIBRARY[name];
  if (!found) throw new RangeError(`there is no function ${name}`);
  return (scope) => found.run(args.map((one) => one(scope)), scope);
}

function path(told: Path, resolve: Resolve): Evaluate {
  const base = told.base && compile(told.base, resolve);
  const first = told.predicates.map((one) => compile(one, resolve));
  const steps = told.steps.map((step) => ({ name: step.name, predicates: step.predicates.map((one) => compile(one, resolve)) }));
  return (scope) => {
    let nodes: Node[];
    if (base) {
      const value = base(scope);
      nodes = filtered(typeof value === "object" ? value : [], first, scope);
    } else nodes = [told.absolute ? top(scope.world.root) : scope.node];
    for (const { name, predicates } of steps) {
      nodes = [...new Set(nodes.flatMap((node) => filtered(reached(node, name), predicates, scope)))];
    }
    return nodes;
  };
}

/** The node above the root, whose one child is the root. */
function top(root: Node): Node {
  if (!root.parent) {
    root.parent = new Node("");
    root.parent.children.set(root.name, [root]);
  }
  return root.parent;
}

function reached(node: Node, name: string): Node[] {
  if (name === ".") return [node];
  if (name === "..") return node.parent ? [node.parent] : [];
  return name === "*" ? node.every() : (node.children.get(name) ?? []);
}

function filtered(nodes: Node[], predicates: readonly Evaluate[], scope: Scope): Node[] {
  let kept = nodes;
  for (const predicate of predicates) {
    kept = kept.filter((node, place) => {
      const value = predicate({ ...scope, node, position: place + 1 });
      return typeof value === "number" ? value === place + 1 : booleanOf(value);
    });
  }
  return kept;
}

/** Evaluate where a node stands. */
export const evaluate = (prepared: Evaluate, world: World, node: Node): Value => prepared({ world, node, origin: node, position: 1 });

/** The text a value leaves in the answers: not-a-number leaves nothing. */
export function written(value: Value): string {
  const found = textOf(value);
  return found === "NaN" ? "" : found;
}
