// Step 12 and from the menu of any step: a mistake is taken back by a fact of today, with reason and keys; nothing is
// changed or removed.
import type { Fact } from "../../core/fact.ts";
import { UNDO } from "../../meeting/take.ts";
import { amount, t } from "../text.ts";
import { askText, button, notice, show, tiles } from "../ui.ts";
import { askKeys } from "./members.ts";
import type { Run } from "./run.ts";

const NAMES: Readonly<Record<string, () => string>> = {
  buy_shares: () => t("Shares"),
  record_saving: () => t("Saving"),
  record_social: () => t("Social fund"),
  pay_fine: () => t("Fine paid"),
  record_repayment: () => t("Loan paid back"),
  pay_grant: () => t("Help paid"),
  record_expense: () => t("Expense"),
  record_income: () => t("Other income"),
  record_group_debt: () => t("Borrowed by the group"),
  repay_group_debt: () => t("Paid back by the group"),
  record_difference: () => t("Difference of the box"),
  refund_overpaid: () => t("Paid back what was too much"),
  move_money: () => t("To or from the bank"),
  move_between_funds: () => t("Between the funds"),
};
const MOST = 60;

function candidates(run: Run): Fact[] {
  const taken = new Set([...run.book.undone, ...run.group.links.filter((link) => link.fact.name === "reverse_fact").map((link) => String(link.fact.body["fact_id"]))]);
  return run.group.links
    .map((link) => link.fact)
    .filter((fact) => UNDO[fact.name] && !taken.has(fact.id))
    .slice(-MOST)
    .reverse();
}

/** Whom or what a fact is about. */
function said(run: Run, fact: Fact): string {
  const { member_no: no, what, lender, reason } = fact.body;
  return typeof no === "number" ? run.who(no) : String(what ?? lender ?? reason ?? "");
}

/** Choose what to take back; `isAside`: called from the menu, not as the step itself. */
export function correct(run: Run, isAside = false): void {
  const found = candidates(run);
  show({
    title: isAside ? t("Take back a mistake") : run.title,
    question: found.length ? t("Which entry is wrong?") : t("There is nothing to take back."),
    body: tiles(
      found.map((fact) => ({
        mark: String(fact.body["member_no"] ?? ""),
        label: [NAMES[fact.name]?.() ?? fact.name, said(run, fact)].filter(Boolean).join(" · "),
        note: `${amount(Number(fact.body["units"] ?? fact.body["difference"]), run.currency)} · ${fact.happened_date}`,
        act: () => askReason(run, fact, isAside),
      })),
    ),
    back: isAside ? () => run.draw() : undefined,
    menu: isAside ? undefined : () => run.menu(),
    actions: !isAside && button(t("Nothing more"), () => run.next(), "main"),
  });
}

function askReason(run: Run, fact: Fact, isAside: boolean): void {
  const confirm = (reason: string): void =>
    askKeys(run, {
      title: t("Take back a mistake"),
      question: t("Who confirms that it was a mistake?"),
      back: () => correct(run, isAside),
      done: async (keys) => {
        if (keys.length < run.settings.keys_needed) return notice(t("The key holders have not agreed."));
        await run.write("reverse_fact", { fact_id: fact.id, reason, keys, told: true, cash_effect: "MOVES_TODAY" });
      },
    });
  askText({
    title: t("Take back a mistake"),
    question: t("What was wrong? The member is told."),
    needed: true,
    back: () => correct(run, isAside),
    done: confirm,
  });
}
