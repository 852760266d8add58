// Where the shared test material lies, and its calculation vectors.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const SHARED = process.env["HANDUP_SHARED"] || join(process.cwd(), "..", "..", "shared");

export interface Case {
  readonly id: string;
  readonly given: any;
  readonly expect: any;
}

const TOO_LARGE = /([[:,]\s*)(-?\d{16,})(?=\s*[,\]}])/g;

/** A file of the shared material, as JSON; a whole number JavaScript cannot hold comes as a bigint. */
export function sharedJson(...path: string[]): any {
  const text = readFileSync(join(SHARED, "data", ...path), "utf8").replace(TOO_LARGE, '$1"$2n"');
  return JSON.parse(text, (_name, value) => (typeof value === "string" && /^-?\d{16,}n$/.test(value) ? BigInt(value.slice(0, -1)) : value));
}

/** The cases of a kind of vector. */
export const casesOf = (kind: string): readonly Case[] => sharedJson("vectors", `${kind}.json`).cases;
