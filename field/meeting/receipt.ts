// What one member did in a meeting, and where she stands after it: her receipt.
import type { Fact } from "../core/fact.ts";
import type { Book } from "./book.ts";
import { owedBy } from "./settling.ts";

export interface Receipt {
  readonly saved: number;
  readonly social: number;
  readonly repaid: number;
  readonly fines: number;
  /** Money that she took home: loan, grant, share-out, claim, what was given back. */
  readonly received: number;
  readonly savings: number;
  /** Principal, charges and fines, on the day of the meeting. */
  readonly owes: number;
  readonly claim: number;
}

const PARTS: Readonly<Record<string, "saved" | "social" | "repaid" | "fines" | "received">> = {
  buy_shares: "saved", record_saving: "saved", record_social: "social", record_repayment: "repaid", pay_fine: "fines",
  pay_out_loan: "received", pay_grant: "received", pay_share_out: "received", pay_claim: "received", refund_overpaid: "received", pay_leaver: "received",
};

/** The receipt of a member over the facts of one meeting, held on a day; what was taken back in it counts for nothing. */
export function receiptOf(facts: readonly Fact[], book: Book, memberNo: number, on: string): Receipt {
  const undone = new Set(facts.filter((fact) => fact.name === "reverse_fact").map((fact) => fact.body["fact_id"]));
  const sums = { saved: 0, social: 0, repaid: 0, fines: 0, received: 0 };
  for (const { id, name, body } of facts) {
    const part = PARTS[name];
    if (part && body["member_no"] === memberNo && !undone.has(id)) sums[part] += (body["units"] ?? body["paid"]) as number;
  }
  return { ...sums, savings: book.figures.savings.get(memberNo) ?? 0, owes: owedBy(book, memberNo, on), claim: book.figures.claims.get(memberNo) ?? 0 };
}
