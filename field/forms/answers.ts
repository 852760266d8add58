// Answers as a tree that has every field of the form: blank, from what was kept, and as the office takes it.
import type { Field, Form } from "./form.ts";
import { Node } from "./values.ts";

export type Kept = { readonly [name: string]: string | Kept | readonly Kept[] };

/** A form nobody has answered yet: defaults in their places, one row of each repeat whose number is not computed. */
export function empty(form: Form): Node {
  const root = new Node(form.root.name);
  fillBlank(form.root, root);
  return root;
}

/** Add an empty row of a repeat with its defaults. */
export function newRow(field: Field, parent: Node): Node {
  const node = parent.add(field.name);
  fillBlank(field, node);
  return node;
}

function fillBlank(field: Field, node: Node): void {
  node.text = field.default;
  for (const child of field.children) {
    if (child.kind === "repeat") {
      node.children.set(child.name, []);
      if (!child.count) newRow(child, node);
    } else fillBlank(child, node.add(child.name));
  }
}

/** The tree of what was kept; what the form does not ask is left out. */
export function fromKept(form: Form, kept: unknown): Node {
  const root = new Node(form.root.name);
  read(form.root, kept, root);
  return root;
}

function read(field: Field, kept: unknown, node: Node): void {
  if (!field.children.length) {
    node.text = typeof kept === "string" ? kept : "";
    return;
  }
  const given = typeof kept === "object" && kept !== null && !Array.isArray(kept) ? (kept as Record<string, unknown>) : {};
  for (const child of field.children) {
    const value = given[child.name];
    if (child.kind === "repeat") {
      node.children.set(child.name, []);
      if (Array.isArray(value)) for (const one of value) read(child, one, node.add(child.name));
    } else read(child, value, node.add(child.name));
  }
}

/** What is answered, as nested objects; what is empty is left out. */
export function toKept(field: Field, node: Node): string | Kept {
  if (!field.children.length) return node.text;
  const found = new Map<string, string | Kept | readonly Kept[]>();
  for (const child of field.children) {
    const nodes = node.children.get(child.name) ?? [];
    if (child.kind === "repeat") {
      if (nodes.length) found.set(child.name, nodes.map((one) => toKept(child, one) as Kept));
    } else if (nodes[0]) {
      const value = toKept(child, nodes[0]);
      if (typeof value === "string" ? value : Object.keys(value).length) found.set(child.name, value);
    }
  }
  return Object.fromEntries(found);
}

const SIGNS: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;" };
const safe = (text: string): string => text.replace(/[&<>"\r]/g, (sign) => SIGNS[sign] ?? sign);

/** The answers as any device sends them. */
export function toXml(form: Form, root: Node, instanceId: string, deprecatedId = ""): string {
  const meta = new Map([["instanceID", instanceId], ...(deprecatedId ? [["deprecatedID", deprecatedId] as const] : [])]);
  const element = (field: Field, node: Node): string => {
    if (field.kind === "meta" && field.children.length) return "";
    const inside = field.children.length ? field.children.map((child) => (node.children.get(child.name) ?? []).map((one) => element(child, one)).join("")).join("") : safe(node.text);
    return `<${field.name}>${inside}</${field.name}>`;
  };
  const own = form.root.children.map((child) => (root.children.get(child.name) ?? []).map((one) => element(child, one)).join("")).join("");
  const told = [...meta].map(([name, value]) => `<${name}>${safe(value)}</${name}>`).join("");
  const version = form.version ? ` version="${safe(form.version)}"` : "";
  return `<?xml version="1.0" encoding="utf-8"?><${form.root.name} id="${safe(form.code)}"${version}>${own}<meta>${told}</meta></${form.root.name}>`;
}

/** What answers as sent hold, to be gone through once more; what the device answers by itself is left out. */
export function keptFromXml(form: Form, xml: string): Kept {
  const inside = (from: Element, name: string): Element[] => [...from.children].filter((one) => one.localName === name);
  const keep = (field: Field, from: Element): string | Kept => {
    if (!field.children.length) return field.preload ? "" : (from.textContent ?? "");
    const found = new Map<string, string | Kept | readonly Kept[]>();
    for (const child of field.children) {
      const given = inside(from, child.name);
      if (child.kind === "repeat") found.set(child.name, given.map((one) => keep(child, one) as Kept));
      else if (child.kind !== "meta" && given[0]) found.set(child.name, keep(child, given[0]));
    }
    return Object.fromEntries(found);
  };
  return keep(form.root, new DOMParser().parseFromString(xml, "text/xml").documentElement) as Kept;
}

/** Every answer under a node with its field, in the order of the form. */
export function* leaves(field: Field, node: Node): Generator<readonly [Field, Node]> {
  if (!field.children.length) yield [field, node];
  for (const child of field.children) for (const one of node.children.get(child.name) ?? []) yield* leaves(child, one);
}

/** The path of a node; rows of repeats are counted from 1: /data/worker[2]/age. */
export function placeOf(field: Field, node: Node, form: Form): string {
  if (!form.repeats.size) return field.path;
  const names: string[] = [];
  let path = field.path;
  for (let here: Node | null = node; here !== null && here.name; here = here.parent) {
    names.unshift(here.name + (form.repeats.has(path) ? `[${here.index + 1}]` : ""));
    path = path.slice(0, path.lastIndexOf("/"));
  }
  return `/${names.join("/")}`;
}
