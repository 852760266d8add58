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

/** JSON as data; a whole number JavaScript cannot hold comes as a bigint. */
export const exactJson = (text: string): any =>
  JSON.parse(text.replace(TOO_LARGE, '$1"$2n"'), (_name, value) => (typeof value === "string" && /^-?\d{16,}n$/.test(value) ? BigInt(value.slice(0, -1)) : value));

/** Data as JSON, bigints written as the numbers they are. */
export const exactText = (data: unknown): string =>
  JSON.stringify(data, (_name, value) => (typeof value === "bigint" ? `${value}n` : value)).replace(/"(-?\d+)n"/g, "$1");

/** A file of the shared material, as JSON. */
export const sharedJson = (...path: string[]): any => exactJson(readFileSync(join(SHARED, "data", ...path), "utf8"));

/** The cases of a kind of vector. */
export const casesOf = (kind: string): readonly Case[] => sharedJson("vectors", `${kind}.json`).cases;
