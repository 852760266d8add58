// A fact: one event of a meeting, as this phone writes it and as the server hashes it (groups_meeting.md 3 and M2).
import type { Json } from "./canonical.ts";

export type Body = { readonly [field: string]: Json };

export interface Fact {
  readonly id: string;
  readonly name: string;
  readonly group_id: string;
  readonly stream: "MEETING";
  readonly meeting_id?: string;
  readonly device_id: string;
  readonly recorded_by: number;
  readonly happened_date: string;
  readonly recorded_at: string;
  readonly currency: string;
  readonly constitution_version: number;
  readonly body: Body;
}

/** A fact with its place in the stream: its number, and the hash of the chain before and after it. */
export interface Linked {
  readonly fact: Fact;
  readonly seq: number;
  readonly prev: string;
  readonly chain: string;
}

const two = (number: number): string => String(number).padStart(2, "0");

/** The calendar day of an instant where the phone is: "2026-03-02". */
export function dayOf(instant: Date): string {
  return `${instant.getFullYear()}-${two(instant.getMonth() + 1)}-${two(instant.getDate())}`;
}

/** An instant with its offset, to the second (RFC 3339): "2026-03-02T10:15:00+08:00". */
export function instantOf(instant: Date): string {
  const offset = -instant.getTimezoneOffset();
  const sign = offset < 0 ? "-" : "+";
  const size = Math.abs(offset);
  const time = `${two(instant.getHours())}:${two(instant.getMinutes())}:${two(instant.getSeconds())}`;
  return `${dayOf(instant)}T${time}${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** A value with every text in it composed (NFC), as the chain asks. */
export function composed(value: Json): Json {
  if (typeof value === "string") return value.normalize("NFC");
  if (Array.isArray(value)) return value.map(composed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name.normalize("NFC"), composed(item as Json)]));
}

/** Days from one date to another, both as the calendar writes them. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** The date so many days after another. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
