// An officer's own work: attendance, collections, and what became of what she recorded.
import type { WorkRow, WorkState } from "../../store/db.ts";
import type { Surroundings } from "../../store/group.ts";
import { daysLeft, draftOf, keepDraft, reasonOf, recorded, recordWork, WARN_DAYS, type WorkFact, type WorkPack } from "../../store/work.ts";
import { carrying, home, openingWay, soon, type Ways } from "../home.ts";
import type { Session } from "../session.ts";
import { day, number, t } from "../text.ts";
import { button, h, isWide, lines, notice, show, tiles, type Act, type Child } from "../ui.ts";
import { learnWords } from "./learn.ts";
import { fullName } from "./people.ts";

export interface Work {
  readonly pack: WorkPack;
  readonly around: Surroundings;
  readonly today: string;
  readonly leave: Act;
  /** Write a fact down; `draft`: what it was made of, which is done with. */
  record(name: string, on: string, body: WorkFact["body"], draft?: string): Promise<WorkFact>;
  recorded(name: string): Promise<{ row: WorkRow; fact: WorkFact }[]>;
  /** What a round has so far, by loan, or an interview that is not finished: sealed like everything else, and kept when the program is killed. */
  draft<T extends object = Readonly<Record<string, number>>>(key: string): Promise<T>;
  keepDraft(key: string, told: object): Promise<void>;
}

/** Every part of an officer's own work, in the order in which it is likely pressed. */
const PARTS = [
  () => import("./attendance.ts"),
  () => import("./collection.ts"),
  () => import("./register.ts"),
  () => import("./visits.ts"),
  () => import("./survey.ts"),
  () => import("./sitting.ts"),
  () => import("./household.ts"),
  () => import("./correction.ts"),
  () => import("./places.ts"),
  () => import("./plan.ts"),
  () => import("./planResult.ts"),
  () => import("./month.ts"),
  () => import("./meetings.ts"),
  () => import("./appraisal.ts"),
  () => import("./smallLoan.ts"),
  () => import("./milk.ts"),
  () => import("./prices.ts"),
  () => import("./complaint.ts"),
  () => import("./figures.ts"),
  ...(isWide() ? [() => import("../sheets/rounds.ts"), () => import("../sheets/area.ts")] : []),
  () => import("../../store/area.ts"),
  () => import("../../store/carrying.ts"),
  () => import("../carry/carry.ts"),
] as const;

/** The work of whoever this phone belongs to. */
export async function ownWork(session: Session, pack: WorkPack, ways: Ways): Promise<void> {
  const { surroundings } = session;
  await learnWords();
  // Drawn anew from what lies on the phone: it may have grown old meanwhile.
  const again = (): Promise<void> => home(session, ways);
  const work: Work = {
    pack,
    around: surroundings,
    get today() {
      return session.today;
    },
    leave: again,
    record: (name, on, body, draft) => recordWork(surroundings, name, on, body, draft),
    recorded: async (name) => (await recorded(surroundings)).filter(({ fact }) => fact.name === name),
    draft: (key) => draftOf(surroundings, key),
    keepDraft: (key, told) => keepDraft(surroundings, key, told),
  };
  soon(...PARTS);
  show({
    title: t("My work"),
    said: t("As of {day}", { day: day(pack.as_of) }),
    body: [
      oldText(pack, session.today),
      tiles([
      { mark: "☑", label: t("Attendance"), note: t("{n} sessions", { n: pack.sessions.length }), act: async () => (await import("./attendance.ts")).attendance(work) },
      ...(pack.tests?.length ? [{ mark: "?", label: t("Tests"), note: t("{n} tests", { n: pack.tests.length }), act: async () => (await import("./sitting.ts")).sittings(work) }] : []),
      { mark: "¤", label: t("Collection"), note: t("{n} loans", { n: pack.loans.length }), act: async () => (await import("./collection.ts")).collection(work) },
      { mark: "?", label: t("Interviews"), note: t("{n} to ask", { n: pack.interviews?.length ?? 0 }), act: async () => (await import("./survey.ts")).survey(work) },
      ...(pack.registering
        ? [
            { mark: "+", label: t("Register a person"), note: [t("{n} persons known", { n: pack.persons?.length ?? 0 }), pack.persons_left && t("{n} more are not on this phone", { n: pack.persons_left })].filter(Boolean).join(" · "), act: async () => (await import("./register.ts")).register(work) },
            ...(pack.registering.households ? [{ mark: "⌂", label: t("Household"), act: async () => (await import("./household.ts")).household(work) }] : []),
          ]
        : []),
      ...(pack.persons?.some((one) => one.known) ? [{ mark: "✎", label: t("Correct what is known"), act: async () => (await import("./correction.ts")).correction(work) }] : []),
      ...(pack.visits?.length || pack.persons?.length ? [{ mark: "→", label: t("Visits"), note: t("{n} to visit", { n: pack.visits?.length ?? 0 }), act: async () => (await import("./visits.ts")).visits(work) }] : []),
      ...(pack.planning ? [{ mark: "▤", label: t("Business plans"), note: t("{n} in hand", { n: pack.planning.plans.length }), act: async () => (await import("./plan.ts")).plans(work) }] : []),
      ...(pack.points?.length ? [{ mark: "▽", label: t("Milk"), note: t("{n} collection points", { n: pack.points.length }), act: async () => (await import("./milk.ts")).milk(work) }] : []),
      ...(pack.prices?.length ? [{ mark: "¤", label: t("Prices"), note: t("{n} due", { n: pack.prices.filter((one) => one.due_date <= session.today).length }), act: async () => (await import("./prices.ts")).prices(work) }] : []),
      ...(pack.contracts?.length ? [{ mark: "▣", label: t("Deliveries"), note: t("{n} contracts", { n: pack.contracts.length }), act: async () => (await import("./delivery.ts")).deliveries(work) }] : []),
      ...(pack.needs?.programmes.length && pack.needs.areas.length ? [{ mark: "☰", label: t("Needs of a community"), act: async () => (await import("./meetings.ts")).needs(work) }] : []),
      ...(pack.scoring?.groups.length && pack.scoring.cards.length ? [{ mark: "★", label: t("Grade a group"), note: t("{n} groups", { n: pack.scoring.groups.length }), act: async () => (await import("./meetings.ts")).scoring(work) }] : []),
      ...(pack.dossiers?.groups.length && pack.dossiers.recipients.length ? [{ mark: "→", label: t("Share a dossier"), act: async () => (await import("./meetings.ts")).dossier(work) }] : []),
      ...(pack.joining?.length ? [{ mark: "+", label: t("Somebody joins a group"), note: pack.joining_left ? t("{n} more are not on this phone", { n: pack.joining_left }) : "", act: async () => (await import("./meetings.ts")).admission(work) }] : []),
      ...(pack.rules?.length ? [{ mark: "§", label: t("The group changes its rules"), act: async () => (await import("./meetings.ts")).rules(work) }] : []),
      ...(pack.appraisals?.length ? [{ mark: "⚖", label: t("Appraise"), note: t("{n} applications wait", { n: pack.appraisals.length }), act: async () => (await import("./appraisal.ts")).appraisals(work) }] : []),
      ...(pack.small_loans?.length ? [{ mark: "¤", label: t("Small loan"), note: t("Asked for and appraised in one visit"), act: async () => (await import("./smallLoan.ts")).smallLoan(work) }] : []),
      ...(pack.complaints ? [{ mark: "!", label: t("Complaint or praise"), act: async () => (await import("./complaint.ts")).complaint(work) }] : []),
      ...(isWide()
        ? [
            { mark: "▦", label: t("Sheets"), note: t("Type in what was written on paper"), act: async () => (await import("../sheets/rounds.ts")).sheets(work) },
            { mark: "⎙", label: t("Print lists"), act: async () => (await import("../sheets/rounds.ts")).papers(work) },
          ]
        : []),
      ...(isWide() || pack.area ? [{ mark: "◫", label: t("Area"), note: pack.area?.name ?? t("Take an area along"), act: async () => (await import("../sheets/area.ts")).area(session, work) }] : []),
      ...(pack.figures ? [{ mark: "Σ", label: t("Figures"), note: t("The last ones that came to this phone"), act: async () => (await import("./figures.ts")).figures(work, () => session.fetchFigures(true)) }] : []),
      { mark: "⇅", label: t("What became of it"), act: () => became(session, work, again) },
      { mark: "▦", label: t("Carry without a network"), note: t("For groups and other phones"), act: () => carrying(session, again) },
      ]),
    ],
    actions: [ways.practise && button(t("Practise"), ways.practise, "quiet"), ways.language && button(t("Language"), ways.language, "quiet"), button(t("How the book opens"), () => openingWay(session, again), "quiet")],
  });
}

/** What is said of a pack that grows old, or whose names were taken off this phone. */
function oldText(pack: WorkPack, today: string): Child {
  if (pack.ended) return h("p", { class: "state bad" }, t("What this phone carried of others was too old and was taken off it. What you wrote down stays. Connect to the office once."));
  const left = daysLeft(pack, today);
  return left <= WARN_DAYS && h("p", { class: "state bad" }, t("In {n} days what this phone carries of others is taken off it. Connect to the office once.", { n: Math.max(0, left) }));
}

const STATES: Readonly<Record<WorkState, () => string>> = {
  HERE: () => t("On this phone"),
  DONE: () => t("Received by the office"),
  HANDED_ON: () => t("A second person decides"),
  WAITING: () => t("Kept at the office, not yet taken"),
  LEFT_OUT: () => t("Left out by the office"),
  REFUSED: () => t("Not taken; it stays here"),
};
const NAMES: Readonly<Record<string, () => string>> = {
  record_attendance: () => t("Attendance"),
  record_collection: () => t("Collection"),
  record_test: () => t("Test"),
  record_interview: () => t("Interview"),
  register_person: () => t("Registration"),
  register_household: () => t("Household"),
  correct_person: () => t("Correction"),
  record_place: () => t("Where she is found"),
  record_visit: () => t("Visit"),
  miss_visit: () => t("Visit not made"),
  record_actual_month: () => t("How a month went"),
  record_price: () => t("Price"),
  deliver_on_contract: () => t("Delivery under a contract"),
  record_needs: () => t("Needs of a community"),
  assess_group: () => t("Grade a group"),
  share_dossier: () => t("Share a dossier"),
  adopt_constitution: () => t("The group changes its rules"),
  admit_member: () => t("Somebody joins a group"),
  apply_for_small_loan: () => t("Small loan"),
  record_grievance: () => t("Complaint or praise"),
  write_plan: () => t("Business plan"),
  appraise_application: () => t("Appraisal"),
  record_delivery: () => t("Delivery"),
  record_gate: () => t("At the gate"),
  take_back_delivery: () => t("Delivery taken back"),
};
const SHOWN = 40;
/** What the office has, or has seen, and did not take. */
const MENDED: ReadonlySet<WorkState> = new Set<WorkState>(["WAITING", "REFUSED"]);

/** What was recorded here, what the office made of it, and why it waits; a registration that was not taken is told anew. */
async function became(session: Session, work: Work, back: Act): Promise<void> {
  const { surroundings } = session;
  const rows = (await recorded(surroundings)).reverse();
  const count = (state: WorkState): number => rows.filter(({ row }) => row.state === state).length;
  const open = rows.filter(({ row }) => row.state !== "DONE").slice(0, SHOWN);
  const told = await Promise.all(open.map(async ({ row, fact }) => [NAMES[fact.name]?.() ?? fact.name, day(fact.happened_date), STATES[row.state](), await reasonOf(surroundings, row)]));
  const send = async (): Promise<void> => {
    try {
      await session.exchange(true);
    } finally {
      await became(session, work, back);
    }
  };
  const mendOf = async (fact: WorkFact): Promise<void> => (await import("./register.ts")).mend(work, fact, () => became(session, work, back));
  show({
    title: t("What became of it"),
    body: [
      lines((Object.keys(STATES) as WorkState[]).filter(count).map((state) => [STATES[state](), number(count(state))])),
      told.map((words) => h("p", { class: "said" }, words.filter(Boolean).join(" · "))),
      work.pack.registering && tiles(open.filter(({ row, fact }) => fact.name === "register_person" && MENDED.has(row.state)).map(({ fact }) => ({ mark: "✎", label: fullName(fact.body), note: t("Mend the registration"), act: () => mendOf(fact) }))),
    ],
    back,
    actions: [button(t("Send now"), send, "main"), button(t("Save to a file to carry"), () => save(work), "plain")],
  });
}

/** Write what the office has not taken into sealed files; the office opens them under "Bring packets as a file". */
async function save(work: Work): Promise<void> {
  const { carriedWork } = await import("../../store/carrying.ts");
  const files = await carriedWork(work.around, work.pack);
  for (const [place, file] of files.entries()) {
    const href = URL.createObjectURL(new Blob([JSON.stringify(file)], { type: "application/json" }));
    h("a", { href, download: `handup-${work.today}-${place + 1}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  }
  notice(files.length ? t("It is in a sealed file. Only the office can open it. Nothing here was taken away.") : t("The office has taken everything."));
}
