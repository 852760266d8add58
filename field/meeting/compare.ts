// A meeting as two phones wrote it down, line by line: what members paid and were paid, who came, what was counted at the end.
// Ids differ from phone to phone and stand in no line (groups_meeting.md 2.8).
import { closingCode, digest } from "../core/chain.ts";
import type { Body, Fact } from "../core/fact.ts";

/** Lines by their names, each with its sum; a line that comes to nothing is none. */
export type Lines = ReadonlyMap<string, number>;

/** What of a body tells its line apart, by the name of its fact. */
const OF_MEMBER = ["member_no"];
const TOLD_APART: Readonly<Record<string, readonly string[]>> = {
  record_attendance: ["member_no", "mark"],
  buy_shares: OF_MEMBER,
  record_saving: OF_MEMBER,
  record_social: OF_MEMBER,
  pay_grant: OF_MEMBER,
  charge_fine: OF_MEMBER,
  pay_fine: OF_MEMBER,
  record_repayment: OF_MEMBER,
  pay_out_loan: OF_MEMBER,
  refund_overpaid: OF_MEMBER,
  pay_share_out: OF_MEMBER,
  pay_claim: OF_MEMBER,
  pay_leaver: OF_MEMBER,
  record_expense: ["fund"],
  record_income: ["fund"],
  record_group_debt: [],
  repay_group_debt: [],
  move_money: ["fund", "from", "to"],
  move_between_funds: ["from", "to"],
};

const keyOf = (name: string, body: Body, fields: readonly string[]): string => [name, ...fields.map((field) => String(body[field] ?? ""))].join(" ");

/** The lines of a meeting's facts. What was taken back in it is in none; of each box the last closing count stands. */
export function linesOf(facts: readonly Fact[]): Lines {
  const undone = new Set(facts.filter((fact) => fact.name === "reverse_fact").map((fact) => fact.body["fact_id"]));
  const own = new Set(facts.map((fact) => fact.id));
  const lines = new Map<string, number>();
  const marks = new Map<unknown, string>();
  for (const { id, name, body } of facts) {
    if (undone.has(id)) continue;
    if (name === "record_attendance") marks.set(body["member_no"], keyOf(name, body, TOLD_APART[name] ?? []));
    else if (name === "record_count" && body["way"] === "OUT") lines.set(keyOf(name, body, ["fund"]), body["total_units"] as number);
    else if (name === "reverse_fact" && !own.has(body["fact_id"] as string)) lines.set(name, (lines.get(name) ?? 0) + 1);
    else if (TOLD_APART[name]) {
      const key = keyOf(name, body, TOLD_APART[name]);
      lines.set(key, (lines.get(key) ?? 0) + ((body["units"] ?? body["paid"]) as number));
    }
  }
  for (const key of marks.values()) lines.set(key, 1);
  return new Map([...lines].filter(([, units]) => units !== 0).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Twelve digits that are the same where all lines are. */
export const codeOf = async (lines: Lines): Promise<string> => closingCode(await digest([...lines].map(([key, units]) => [key, units])));

export interface Difference {
  readonly key: string;
  readonly here: number;
  readonly there: number;
}

/** Where two records differ, line by line. */
export function differences(here: Lines, there: Lines): Difference[] {
  const keys = [...new Set([...here.keys(), ...there.keys()])].sort();
  return keys.map((key) => ({ key, here: here.get(key) ?? 0, there: there.get(key) ?? 0 })).filter((line) => line.here !== line.there);
}
