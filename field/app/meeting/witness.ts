// A second phone watches: its holder writes the same meeting down beside the recorder, in a store of its own, and nothing of
// it is ever posted or sent. Before the meeting closes both records are compared, line by line.
import { codeOf, differences, linesOf, type Difference } from "../../meeting/compare.ts";
import type { Mark } from "../../meeting/settings.ts";
import { WITNESS, openDatabase } from "../../store/db.ts";
import { GroupBook, keepPack, type Surroundings } from "../../store/group.ts";
import { copies, NoParcel, type WitnessLines } from "../../store/parcels.ts";
import { NotASeries } from "../../core/series.ts";
import { canRead } from "../camera.ts";
import { byCamera, byFiles, filePress } from "../carry/taking.ts";
import { saveText } from "../saving.ts";
import type { Session } from "../session.ts";
import { amount, number, t } from "../text.ts";
import { button, lines, notice, show, type Act } from "../ui.ts";
import { Run } from "./run.ts";

/** What the recorder's phone notes once both records are the same. */
export const WITNESSED = "WITNESS";

/** Begin to watch, or go on: from the record that this phone knows of, with what another phone gave it. */
export async function watchMeeting(session: Session, group: GroupBook, leave: Act): Promise<void> {
  const other = session.beside(await openDatabase(WITNESS));
  const around = other.surroundings;
  const begun = await GroupBook.open(around, group.pack.group_id);
  const mine = begun?.book.sitting ? begun : await newBook(around, group);
  if (!mine) return notice(t("Something went wrong. What was written down is safe; press again."));
  session.isWatching = true;
  document.body.classList.add("witness");
  const away = async (): Promise<void> => {
    session.isWatching = false;
    document.body.classList.remove("witness");
    await leave();
  };
  await new Run(other, mine, away).draw();
}

async function newBook(around: Surroundings, group: GroupBook): Promise<GroupBook | null> {
  const id = group.pack.group_id;
  const { database } = around;
  const step = database.transaction(["facts", "places"], "readwrite");
  const old = (await step.objectStore("facts").getAllKeys(IDBKeyRange.bound([id, 0], [id, Infinity]))).map((key) => step.objectStore("facts").delete(key));
  await Promise.all([...old, step.objectStore("places").delete(id), step.done]);
  const [copy] = await copies(group);
  await keepPack(around, { ...group.pack, has_seat: true });
  const book = await GroupBook.open(around, id);
  await book?.begin([...group.links, ...(copy?.links ?? [])]);
  return GroupBook.open(around, id);
}

const linesNow = (run: Run) => linesOf(run.group.ofMeeting);

/** At the end of a meeting the witness shows what it wrote; nothing is closed here. */
export async function showWitness(run: Run): Promise<void> {
  const rows = [...linesNow(run)];
  const told: WitnessLines = { group_id: run.group.pack.group_id, held: run.sitting.held, rows };
  const text = JSON.stringify({ lines: told });
  const again = (): Promise<void> => showWitness(run);
  const showCodes = async (): Promise<void> => (await import("../carry/showing.ts")).showSeries({ title: t("Witness"), text, back: again });
  show({
    title: t("Witness"),
    question: t("Does the other phone show the same number?"),
    figure: await codeOf(new Map(rows)),
    said: t("If it shows another, let it read the lines of this phone."),
    menu: () => run.menu(),
    actions: [button(t("Show the lines"), showCodes, "main"), button(t("Save it as a file"), () => saveText(text, "handup-witness.json"), "plain"), button(t("Done"), () => run.leave(), "quiet")],
  });
}

/** On the recorder's phone: compare with the witness before the keys close the box. */
export async function compareWith(run: Run, back: Act): Promise<void> {
  const code = await codeOf(linesNow(run));
  const same = async (): Promise<void> => {
    await run.group.record("record_minute", { item: WITNESSED, text: code });
    await back();
    notice(t("Both phones have the same record. It is noted."));
  };
  const read = async (get: () => Promise<string | null>): Promise<void> => {
    try {
      const text = await get();
      if (text !== null) await found(run, await run.session.take(text), back, same);
    } catch (fault) {
      if (!(fault instanceof NoParcel) && !(fault instanceof NotASeries)) throw fault;
      notice(t("Nothing of Handup is in it, or not all of it."));
    }
  };
  show({
    title: t("Witness"),
    question: t("Does the witness phone show this number?"),
    figure: code,
    body: filePress(t("Take a file, or pictures of the codes"), (files) => read(() => byFiles(files))),
    back,
    actions: [button(t("Yes, the same"), same, "main"), canRead() && button(t("No, read its lines"), () => read(byCamera), "bad")],
  });
}

async function found(run: Run, { lines: told }: { readonly lines: WitnessLines | null }, back: Act, same: () => Promise<void>): Promise<void> {
  if (!told || told.group_id !== run.group.pack.group_id || told.held !== run.sitting.held) return notice(t("These are not the lines of this meeting."));
  const apart = differences(linesNow(run), new Map(told.rows));
  if (!apart.length) return same();
  show({
    title: t("Witness"),
    question: t("{n} lines differ. Which is right?", { n: apart.length }),
    said: t("What is wrong here is taken back and written down anew; what is wrong there is the witness's to mend."),
    body: lines(apart.map((line) => [lineText(run, line.key), valuesText(run, line)] as const)),
    back: () => compareWith(run, back),
    actions: [button(t("Take back a mistake"), async () => (await import("./correct.ts")).correct(run, true), "main"), button(t("Compare again"), () => compareWith(run, back), "plain")],
  });
}

const MARKS: Readonly<Record<Mark, () => string>> = { PRESENT: () => t("Here"), LATE: () => t("Late"), EXCUSED: () => t("Excused"), ABSENT: () => t("Absent"), REPRESENTED: () => t("Sent the money") };
const WORDS: Readonly<Record<string, () => string>> = {
  buy_shares: () => t("Saved"), record_saving: () => t("Saved"), record_social: () => t("Social fund"), pay_grant: () => t("Grant"), charge_fine: () => t("Fine"), pay_fine: () => t("Fine paid"),
  record_repayment: () => t("Loan paid back"), pay_out_loan: () => t("Loan paid out"), refund_overpaid: () => t("Given back"), pay_share_out: () => t("Share-out"), pay_claim: () => t("Claim paid"),
  pay_leaver: () => t("Paid on leaving"), record_expense: () => t("Expense"), record_income: () => t("Income"), record_group_debt: () => t("Borrowed outside"), repay_group_debt: () => t("Paid back outside"),
  move_money: () => t("Money moved"), move_between_funds: () => t("Money moved"), record_count: () => t("Counted"), reverse_fact: () => t("Taken back"),
};

/** A line in words: who, and what. */
function lineText(run: Run, key: string): string {
  const [name = "", first = "", second = ""] = key.split(" ");
  if (name === "record_attendance") return `${number(Number(first))} · ${run.who(Number(first))} · ${MARKS[second as Mark]?.() ?? second}`;
  const what = WORDS[name]?.() ?? name;
  return /^\d+$/.test(first) ? `${number(Number(first))} · ${run.who(Number(first))} · ${what}` : [what, key.split(" ").slice(1).join(" ")].filter(Boolean).join(" · ");
}

function valuesText(run: Run, { key, here, there }: Difference): string {
  const isCount = key.startsWith("record_attendance") || key === "reverse_fact";
  const one = (value: number): string => (isCount ? (value ? t("yes") : t("no")) : amount(value, run.currency));
  return t("here {here}, witness {there}", { here: one(here), there: one(there) });
}
