// Canonical JSON (RFC 8785), as the server's kernel/chain.py writes it: texts, whole numbers below 2^53, booleans, null,
// lists and objects only; anything with a fraction is a text.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export class NotCanonical extends Error {}

/** Tell whether half of a pair stands alone: such a text has no UTF-8 form. */
function isTorn(text: string): boolean {
  if (!/[\ud800-\udfff]/.test(text)) return false;
  try {
    encodeURIComponent(text);
    return false;
  } catch {
    return true;
  }
}

/** The one text of a value: names in UTF-16 order, no spaces. Throws NotCanonical. */
export function canonical(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new NotCanonical(`${value} is not whole and below 2^53`);
    return String(value === 0 ? 0 : value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object") throw new NotCanonical(`${typeof value} has no canonical form`);
  const object = value as { readonly [name: string]: Json };
  const names = Object.keys(object).sort();
  return `{${names.map((name) => `${text(name)}:${canonical(object[name] as Json)}`).join(",")}}`;
}

function text(value: string): string {
  if (isTorn(value)) throw new NotCanonical("a lone surrogate has no UTF-8 form");
  return JSON.stringify(value);
}
