// Step 12: whatever else the group decides. The share-out with its working, what is handed out, who leaves, elections,
// keys, the next cycle, and what a group brings from its paper book.
import type { Body } from "../../core/fact.ts";
import { dayAfter } from "../../core/fact.ts";
import { Refusal } from "../../core/money.ts";
import { promised } from "../../meeting/book.ts";
import { enoughHolders } from "../../meeting/offices.ts";
import { knowsGain, leaving, settledOf, shareOutBody, totalOf, type Line } from "../../meeting/settling.ts";
import { amount, day, number, t } from "../text.ts";
import { button, h, lines, notice, show, tiles, type Child, type Tile } from "../ui.ts";
import { sentence } from "../words.ts";
import { correct } from "./correct.ts";
import { askKeys, chooseMember, everybody, type Confirmed } from "./members.ts";
import { openBook } from "./paper.ts";
import type { Run } from "./run.ts";
import { askVote, votesHere } from "./vote.ts";

const someLeft = (table: ReadonlyMap<unknown, number>): boolean => [...table.values()].some((units) => units > 0);

/** What the group may do now, as tiles. */
export function business(run: Run): void {
  const { book, settings } = run;
  const { figures } = book;
  const cycle = book.cycle;
  const isShareOut = run.sitting.kind === "SHARE_OUT";
  const ways: (Tile | false)[] = [
    isShareOut && someLeft(figures.savings) && { mark: "÷", label: t("Share out"), note: t("The working is shown first"), act: () => askShareOut(run) },
    someLeft(figures.due) && { mark: "→", label: t("Hand out what is due"), act: () => handOut(run, "pay_share_out") },
    someLeft(figures.claims) && { mark: "→", label: t("Pay what was left open"), act: () => handOut(run, "pay_claim") },
    { mark: "☑", label: t("Choose an officer"), act: () => askOffice(run) },
    { mark: "☐", label: t("Elections with ballots"), note: t("Several stand, the votes are secret"), act: async () => (await import("./ballots.ts")).ballots(run, officesOf(run), () => business(run)) },
    { mark: "⚿", label: t("Give a key to somebody"), act: () => askSlot(run) },
    { mark: "⎋", label: t("A member leaves"), act: () => askLeaver(run) },
    cycle !== null && cycle.isOpen && (settings.cycle_kind !== "SHARE_OUT" || !someLeft(figures.savings)) && { mark: "■", label: t("End the cycle"), act: () => endCycle(run) },
    (cycle === null || !cycle.isOpen) && { mark: "▶", label: t("Begin the next cycle"), act: () => startCycle(run) },
    book.lastHeld === null && { mark: "▤", label: t("Bring in the paper book"), act: () => openBook(run) },
    { mark: "↶", label: t("Take back a mistake"), act: () => correct(run, true) },
  ];
  show({
    title: run.title,
    question: t("Is there other business?"),
    body: tiles(ways.filter((way): way is Tile => way !== false)),
    menu: () => run.menu(),
    actions: button(t("Nothing more"), () => run.next(), "main"),
  });
}

/** Work the share-out out, and show every line of it before anybody agrees. */
function askShareOut(run: Run): void {
  const { book, settings, currency, sitting } = run;
  const { pack } = run.group;
  if (pack.may_share_out === false) return notice(t("This phone does not know every member. Share out with an officer."));
  if ([...book.figures.away].some(([place, units]) => place.startsWith("LOAN ") && units)) return notice(sentence("MONEY_AWAY"));
  let body: ReturnType<typeof shareOutBody>;
  try {
    body = shareOutBody(book, settings, sitting.held);
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    return notice(sentence(fault.code));
  }
  const kept = promised(book.figures);
  const owed = body.distributable - (book.figures.cash.get("LOAN") ?? 0) + book.figures.outsideDebt + kept;
  const money = (units: number): string => amount(units, currency);
  show({
    title: t("Share out"),
    question: t("Read every line aloud. Does everybody agree?"),
    body: [
      lines([
        [t("In the box"), money(book.figures.cash.get("LOAN") ?? 0)],
        [t("What members owe, taken off their part"), money(owed)],
        [t("Owed outside, paid first"), money(book.figures.outsideDebt)],
        ...(kept ? ([[t("Kept for members it is owed to"), money(kept)]] as const) : []),
        [t("To be divided"), money(body.distributable)],
        ...(body.value_per_share === undefined ? [] : ([[t("One share"), money(body.value_per_share)]] as const)),
        [t("What no coin divides"), money(body.leftover)],
      ]),
      body.lines.map((line) => working(run, line)),
    ],
    back: () => business(run),
    actions: button(t("Everybody agrees"), () => agreeShareOut(run, body as unknown as Body), "main"),
  });
}

/** One member's part: what came out, what it pays, what she gets. */
function working(run: Run, line: Line): Child {
  const money = (units: number): string => amount(units, run.currency);
  const shares = run.book.shares.get(line.member_no) ?? 0;
  const [charge, principal] = [line.loans.reduce((sum, part) => sum + part.charge, 0), line.loans.reduce((sum, part) => sum + part.principal, 0)];
  const fines = line.fines.reduce((sum, fine) => sum + fine.units, 0);
  const rows: (readonly [string, string] | false)[] = [
    shares > 0 && [t("Shares"), number(shares)],
    [t("Saved"), money(line.saved)],
    [t("Comes out"), money(line.gross)],
    line.social > 0 && [t("Of the social fund"), money(line.social)],
    charge > 0 && [t("Less charge"), money(charge)],
    principal > 0 && [t("Less loan"), money(principal)],
    fines > 0 && [t("Less fines"), money(fines)],
    [t("Gets now"), money(line.now)],
    line.net > line.now && [t("Stays open for her"), money(line.net - line.now)],
  ];
  return h("section", { class: "card" }, h("h2", {}, `${number(line.member_no)} · ${run.who(line.member_no)}`), lines(rows.filter((row) => row !== false)));
}

function agreeShareOut(run: Run, body: Body): void {
  askKeys(run, {
    title: t("Share out"),
    question: t("Which key holders confirm the share-out?"),
    back: () => askShareOut(run),
    done: async (keys) => {
      if (keys.length < run.settings.keys_needed) return notice(sentence("NOT_AGREED"));
      if (await run.write("settle_share_out", { ...body, keys })) handOut(run, "pay_share_out");
    },
  });
}

/** Hand out what is due, one member a press. */
function handOut(run: Run, name: "pay_share_out" | "pay_claim"): void {
  const { figures } = run.book;
  const open = [...(name === "pay_share_out" ? figures.due : figures.claims)].filter(([, units]) => units > 0).sort(([left], [right]) => left - right);
  const box = figures.cash.get("LOAN") ?? 0;
  const pay = async (no: number, owed: number): Promise<void> => {
    const units = name === "pay_claim" ? Math.min(owed, box) : owed;
    if (!units) return notice(sentence("FUND_OVERDRAWN"));
    if (await run.write(name, { member_no: no, units })) handOut(run, name);
  };
  show({
    title: name === "pay_share_out" ? t("Hand out what is due") : t("Pay what was left open"),
    question: open.length ? t("Who gets her money?") : t("Everybody has her money."),
    body: tiles(open.map(([no, units]) => ({ mark: run.mark(no), label: run.who(no), note: amount(units, run.currency), act: () => pay(no, units) }))),
    back: () => business(run),
    actions: button(t("Go on"), () => business(run), "main"),
  });
}

const OFFICES: readonly (readonly [string, () => string])[] = [
  ["CHAIR", () => t("Chair")],
  ["SECRETARY", () => t("Secretary")],
  ["TREASURER", () => t("Treasurer")],
  ["RECORDER", () => t("Recorder")],
  ["BOX_KEEPER", () => t("Box keeper")],
  ["COUNTER_1", () => `${t("Counter")} ${number(1)}`],
  ["COUNTER_2", () => `${t("Counter")} ${number(2)}`],
];

/** The offices a group voted, or the usual ones; counters go beside them. */
function officesOf({ settings }: Run): typeof OFFICES {
  const voted = String(settings["offices"] ?? "").split(",").map((name) => name.trim().split(/\s+/).join("_").toUpperCase()).filter(Boolean);
  if (!voted.length) return OFFICES;
  const beside = OFFICES.map(([code]) => code).filter((code) => code.startsWith("COUNTER_"));
  return [...new Set([...voted, ...beside])].map((code) => OFFICES.find(([known]) => known === code) ?? [code, () => code.replaceAll("_", " ").toLowerCase()]);
}

/** An election: the office, the person, the vote. */
function askOffice(run: Run): void {
  show({
    title: t("Choose an officer"),
    question: t("Which office?"),
    body: tiles(
      officesOf(run).map(([office, label]) => {
        const now = run.book.offices.get(office);
        return { mark: "☑", label: label(), note: now === undefined ? undefined : run.who(now), act: () => askOfficer(run, office, label()) };
      }),
    ),
    back: () => business(run),
  });
}

function askOfficer(run: Run, office: string, label: string): void {
  chooseMember(run, {
    title: label,
    question: t("Who stands?"),
    from: everybody(run),
    back: () => askOffice(run),
    done: (no) =>
      askVote(run, {
        title: label,
        question: t("Does the group choose {name}?", { name: run.who(no) }),
        decision: "ELECTION",
        about: no,
        back: () => askOfficer(run, office, label),
        done: (resolution_id) =>
          resolution_id === null ? business(run) : run.write("elect_officer", { office, member_no: no, from: run.sitting.held, resolution_id }),
      }),
  });
}

/** A key: the slot, the new holder; where somebody holds it, the others confirm and the group votes. */
function askSlot(run: Run): void {
  const slots = Array.from({ length: run.settings.keys_held }, (_none, place) => place + 1);
  show({
    title: t("Give a key to somebody"),
    question: t("Which key?"),
    body: tiles(
      slots.map((slot) => {
        const now = run.book.keys.get(slot);
        return { mark: number(slot), label: now === undefined ? t("Nobody holds it") : run.who(now), act: () => askHolder(run, slot) };
      }),
    ),
    back: () => business(run),
  });
}

function askHolder(run: Run, slot: number): void {
  const isHeld = run.book.keys.has(slot);
  const isEnough = (keys: readonly Confirmed[]): boolean => enoughHolders(run.settings, slot, new Set(keys.flatMap((key) => ("slot" in key && key.slot !== undefined ? [key.slot] : []))));
  const give = (no: number): unknown => {
    const body = { slot, member_no: no, credential_kind: "PIN" };
    if (!isHeld) return run.write("set_key", body);
    return askKeys(run, {
      title: t("Give a key to somebody"),
      question: t("Which other key holders confirm?"),
      back: () => askSlot(run),
      done: (keys) =>
        askVote(run, {
          title: t("Give a key to somebody"),
          question: t("Does the group give the key to {name}?", { name: run.who(no) }),
          decision: "KEY",
          ...(isEnough(keys) ? {} : { like: "CONSTITUTION" }),
          about: no,
          back: () => askSlot(run),
          done: (resolution_id) => (resolution_id === null ? business(run) : run.write("replace_key", { ...body, keys, resolution_id })),
        }),
    });
  };
  const held = new Set([...run.book.keys].filter(([other]) => other !== slot).map(([, no]) => no));
  chooseMember(run, {
    title: t("Give a key to somebody"),
    question: t("Who gets it?"),
    from: everybody(run).filter((no) => !held.has(no)),
    back: () => askSlot(run),
    done: give,
  });
}

const REASONS: readonly (readonly [string, () => string])[] = [
  ["OWN_WISH", () => t("By her own wish")],
  ["MOVED", () => t("Moved away")],
  ["OTHER_GROUP", () => t("Joins another group")],
  ["CANNOT_SAVE", () => t("Cannot save any more")],
  ["EXPELLED", () => t("Sent away by a vote")],
  ["DIED", () => t("Died")],
  ["OTHER", () => t("Another reason")],
];

/** A member leaves: why, what she gets with its working, then the end of her membership. */
function askLeaver(run: Run): void {
  chooseMember(run, {
    title: t("A member leaves"),
    question: t("Who leaves?"),
    from: everybody(run),
    back: () => business(run),
    done: (no) =>
      show({
        title: run.who(no),
        question: t("Why does she leave?"),
        body: tiles(REASONS.map(([code, label]) => ({ mark: "⎋", label: label(), act: () => (code === "EXPELLED" ? expel(run, no) : settleLeaver(run, no, code)) }))),
        back: () => askLeaver(run),
      }),
  });
}

function expel(run: Run, no: number): void {
  askVote(run, {
    title: run.who(no),
    question: t("Does the group send {name} away? Her savings stay hers.", { name: run.who(no) }),
    decision: "EXPULSION",
    about: no,
    abstaining: votesHere(run, no),
    back: () => askLeaver(run),
    done: (resolution_id) => (resolution_id === null ? business(run) : settleLeaver(run, no, "EXPELLED", resolution_id)),
  });
}

function settleLeaver(run: Run, no: number, reason: string, resolution_id?: string): void {
  const { book, settings, sitting } = run;
  const end = async (): Promise<void> => {
    const body = { member_no: no, reason, date: sitting.held, ...(resolution_id === undefined ? {} : { resolution_id }) };
    if (await run.write("end_membership", body)) business(run);
  };
  if (settings.leave_pay === "AT_CYCLE_END") return atCycleEnd(run, no, end);
  if (!knowsGain(settings, run.group.pack.may_share_out)) return notice(t("This phone does not know enough to work out her gain. Pay her with an officer."));
  let found: ReturnType<typeof leaving>;
  try {
    found = leaving(book, settings, no, sitting.held);
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    return notice(sentence(fault.code));
  }
  const settled = settledOf(found.debts, Math.max(0, found.entitlement));
  const net = Math.max(0, found.entitlement) - totalOf(settled);
  const body = { member_no: no, saved: book.figures.savings.get(no) ?? 0, gain: found.gain, ...settled, net, paid: found.paidNow, claim: net - found.paidNow };
  const money = (units: number): string => amount(units, run.currency);
  const agree = (): void =>
    askKeys(run, {
      title: run.who(no),
      question: t("Which key holders confirm?"),
      back: () => askLeaver(run),
      done: async (keys) => {
        if (keys.length < settings.keys_needed) return notice(sentence("NOT_AGREED"));
        if (await run.write("pay_leaver", { ...body, keys, ...(resolution_id === undefined ? {} : { resolution_id }) } as unknown as Body)) await end();
      },
    });
  show({
    title: run.who(no),
    question: t("This is what she gets."),
    figure: money(body.paid),
    body: lines([
      [t("Saved"), money(body.saved)],
      ...(body.gain === 0 ? [] : ([[t("Gain to today"), money(body.gain)]] as const)),
      [t("Less what she owes"), money(totalOf(settled))],
      ...(found.memberOwes > 0 ? ([[t("Still owes"), money(found.memberOwes)]] as const) : []),
      ...(body.claim > 0 ? ([[t("Stays open for her"), money(body.claim)]] as const) : []),
    ]),
    back: () => askLeaver(run),
    actions: button(t("Everybody agrees"), agree, "main"),
  });
}

function atCycleEnd(run: Run, no: number, end: () => Promise<void>): void {
  show({
    title: run.who(no),
    question: t("Her savings stay in the box until the share-out, as the constitution says."),
    back: () => askLeaver(run),
    actions: button(t("Write down that she left"), end, "main"),
  });
}

async function endCycle(run: Run): Promise<void> {
  await run.write("end_cycle", { number: run.book.cycle?.number ?? 1, date: run.sitting.held });
}

/** The next cycle, and when it should end. */
export function startCycle(run: Run): void {
  const weeks = Number(run.settings["cycle_weeks"] ?? 52);
  const ends = dayAfter(run.sitting.held, weeks * 7);
  const isPlanned = run.settings.cycle_kind === "SHARE_OUT";
  const start = (): Promise<boolean> =>
    run.write("start_cycle", { number: (run.book.cycle?.number ?? 0) + 1, date: run.sitting.held, ...(isPlanned ? { planned_end_date: ends } : {}) });
  show({
    title: t("Begin the next cycle"),
    question: isPlanned ? t("It is planned to end on") : t("The group goes on saving."),
    ...(isPlanned ? { figure: day(ends) } : {}),
    ...(run.step === "BUSINESS" ? { back: () => business(run) } : { menu: () => run.menu() }),
    actions: button(t("Begin"), start, "main"),
  });
}

