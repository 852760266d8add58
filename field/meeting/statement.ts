// The statement of a bank or a phone account (groups.md G4). The twin of src/handup/groups/rules/book_statement.py.
import { placeKey, type Step } from "./book.ts";
import { goodKeys } from "./offices.ts";

/** What a statement says of money at a bank or on a phone account, against the book; where they differ the key holders sign,
 * and the book follows the statement (C2). */
export function readStatement(step: Step): void {
  const { figures } = step.book;
  const place = step.text("place");
  const key = placeKey(step.text("fund"), place);
  const more = (step.body["difference"] as number | undefined) ?? 0;
  const held = figures.away.get(key) ?? 0;
  if (step.units() !== held + more) step.stop("DOES_NOT_BALANCE", "body.difference", held);
  const isSigned = goodKeys(step, step.body["keys"] ?? []).size >= step.settings.keys_needed && "reason" in step.body;
  step.breach(!more || isSigned, "NOT_AGREED");
  figures.away.set(key, held + more);
  if (held + more < 0 || !Number.isSafeInteger(held + more)) step.stop("DOES_NOT_BALANCE", `${place} ${step.text("fund")}`, held + more);
  figures.differences += more;
  step.sitting.statements.delete(key);
  step.sitting.moved ||= more !== 0;
}
