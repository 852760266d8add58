// Holds a meeting: leads from step to step. Where it stands is kept with the facts, so that a killed program goes on at
// the same question.
import { FIRST_PREVIOUS } from "../../core/chain.ts";
import type { Body } from "../../core/fact.ts";
import { mayPass, mayReturn, missing, stepsOf, type Form, type StepCode } from "../../meeting/steps.ts";
import { NotRecorded, type GroupBook, type Told } from "../../store/group.ts";
import { draftOf, keepDraft } from "../../store/work.ts";
import { codeWords } from "../codes.ts";
import { currencyOf } from "../home.ts";
import type { Session } from "../session.ts";
import { day, number, t, type Currency } from "../text.ts";
import { askText, button, isWide, notice, show, tiles, type Act, type Child } from "../ui.ts";
import { explained, sentence } from "../words.ts";
import { close } from "./close.ts";
import { correct } from "./correct.ts";
import { countBox } from "./count.ts";
import { lend } from "./lend.ts";
import { bank, fines, minutes, repay, roll, save, sayFund, social } from "./money.ts";
import { askKeys, type Confirmed } from "./members.ts";
import { openMeeting, resume } from "./opening.ts";
import { rehearse } from "./rehearse.ts";

const TITLES: Readonly<Record<StepCode, () => string>> = {
  KEYS: () => t("Keys"),
  COUNT_IN: () => t("Count the box"),
  ROLL: () => t("Who came?"),
  MINUTES: () => t("Last minutes"),
  SOCIAL: () => t("Social fund"),
  REPAY: () => t("Loans paid back"),
  FINES: () => t("Fines"),
  SAVE: () => t("Savings"),
  SAY_FUND: () => t("What can be lent"),
  LEND: () => t("New loans"),
  BANK: () => t("Bank and expenses"),
  BUSINESS: () => t("Other business"),
  COUNT_OUT: () => t("Count the box again"),
  CLOSE: () => t("Close"),
};

const SCREENS: Readonly<Record<StepCode, (run: Run) => unknown>> = {
  KEYS: openMeeting,
  COUNT_IN: (run) => countBox(run, "IN"),
  ROLL: roll,
  MINUTES: minutes,
  SOCIAL: social,
  REPAY: repay,
  FINES: fines,
  SAVE: save,
  SAY_FUND: sayFund,
  LEND: lend,
  BANK: bank,
  BUSINESS: async (run) => (await import("./business.ts")).business(run),
  COUNT_OUT: (run) => countBox(run, "OUT"),
  CLOSE: close,
};

/** Steps of which a paper sheet tells: on a laptop it is typed in as a table. */
const ON_SHEETS: ReadonlySet<StepCode> = new Set<StepCode>(["ROLL", "SOCIAL", "REPAY", "SAVE"]);
/** Of those, the ones that walk from member to member. */
const WALKED: ReadonlySet<StepCode> = new Set<StepCode>(["SOCIAL", "SAVE"]);
/** Where what is typed into the sheet of the open meeting is kept. */
export const sheetKey = (run: Run): string => `sheet-${run.sitting.id}`;
const typedKey = (run: Run): string => `typed-${run.sitting.id}`;

/** Facts that carry why a rule was broken. */
const WITH_REASON: ReadonlySet<string> = new Set(["pay_out_loan", "open_meeting"]);

export class Run {
  readonly currency: Currency;

  constructor(
    readonly session: Session,
    readonly group: GroupBook,
    readonly leave: Act,
  ) {
    this.currency = currencyOf(group);
  }

  get book() {
    return this.group.book;
  }

  get settings() {
    return this.group.pack.settings;
  }

  get sitting() {
    const { sitting } = this.group.book;
    if (!sitting) throw new Error("no meeting is open");
    return sitting;
  }

  get form(): Form {
    return this.group.place?.form ?? "SIMPLE";
  }

  get step(): StepCode {
    const { place } = this.group;
    if (!this.book.sitting) return "KEYS";
    const isHere = place?.meeting_id === this.book.sitting.id && place.step !== "KEYS";
    return isHere ? place.step : (this.steps[1] ?? "ROLL");
  }

  /** How far a walk over members has come within the step. */
  get at(): number {
    return this.group.place?.at ?? 0;
  }

  get title(): string {
    return TITLES[this.step]();
  }

  /** The name and number of a member, as tiles and questions show them. */
  who(memberNo: number): string {
    return this.group.name(memberNo);
  }

  /** The picture of a member, or her number where she has none. */
  mark(memberNo: number): string {
    return this.group.pictures.get(memberNo) ?? number(memberNo);
  }

  /** Draw the question the meeting stands at. */
  async draw(): Promise<void> {
    if (this.group.stoodSince !== null) return resume(this);
    // Nobody saves between two cycles: the next one begins first.
    if (this.step === "SAVE" && this.book.cycle?.isOpen === false && !this.sitting.turned) return (await import("./business.ts")).startCycle(this);
    await SCREENS[this.step](this);
    if (isWide() && ON_SHEETS.has(this.step)) document.querySelector(".actions")?.append(button(t("Enter it as a sheet"), async () => (await import("../sheets/meeting.ts")).meetingSheet(this), "plain"));
  }

  /** Write one fact down, then draw again. What breaks a rule of the group is refused before money moves; when it has
   * happened already, the group may have it written down as such. */
  async write(name: string, body: Body, told: Told = {}): Promise<boolean> {
    try {
      await this.group.record(name, body, told);
    } catch (fault) {
      if (!(fault instanceof NotRecorded)) throw fault;
      if (fault.taken.wrong) {
        notice(explained(fault));
        return false;
      }
      this.askBreach(fault, name, body, told);
      return false;
    }
    await this.draw();
    return true;
  }

  private askBreach(fault: NotRecorded, name: string, body: Body, told: Told): void {
    this.against(fault.taken.breaches, async (reason, keys) => {
      const before = body["reason"];
      const said = WITH_REASON.has(name) ? { ...body, reason: before === undefined ? reason : `${String(before)} ${reason}`.slice(0, 500) } : body;
      // The reason first: should the window be lost between both, the group says it once more, and no breach stands without one.
      if (!WITH_REASON.has(name) && this.book.sitting) await this.group.record("record_minute", { item: name, text: reason });
      await this.group.record(name, name === "pay_out_loan" ? { ...said, keys } : said, { ...told, waived: true });
      await this.draw();
    });
  }

  /** Say what is against the rules before money moves. Where it has happened already the group says why, and its key
   * holders confirm that it was so (ruling 11): `happened` gets both. */
  against(breaches: readonly string[], happened: (reason: string, keys: Confirmed[]) => unknown): void {
    const again = (): unknown => this.draw();
    const confirm = (reason: string): void =>
      askKeys(this, {
        title: t("Against the rules of the group"),
        question: t("Which key holders confirm that it was so?"),
        back: again,
        done: (keys) => (keys.length < this.settings.keys_needed ? notice(sentence("NOT_AGREED")) : happened(reason, keys)),
      });
    show({
      title: t("Against the rules of the group"),
      question: breaches.map(sentence).join(" "),
      said: t("Nothing was written down. If it has happened already, write down why; the office will see it."),
      actions: [
        button(t("Do not do it"), again, "main"),
        button(
          t("It has happened already"),
          () => askText({ title: t("Why?"), question: t("Say why it happened."), needed: true, back: again, done: (reason) => (breaches.includes("TOO_FEW_KEYS") ? happened(reason, []) : confirm(reason)) }),
          "bad",
        ),
      ],
    });
  }

  /** Walk on within the step. */
  async walk(at: number): Promise<void> {
    await this.group.move(this.form, this.step, at);
    await this.draw();
  }

  /** Go to a step. After a sheet nobody is asked again for what stands on it: the list is read aloud. */
  async go(step: StepCode): Promise<void> {
    const isTyped = isWide() && WALKED.has(step) && "typed" in (await draftOf(this.group.around, typedKey(this)));
    await this.group.move(this.form, step, isTyped ? this.book.members.size : 0);
    await this.draw();
  }

  /** The sheet is written down: what it tells is read aloud, step by step. */
  async pastSheet(): Promise<void> {
    await keepDraft(this.group.around, typedKey(this), { typed: true });
    await (WALKED.has(this.step) ? this.go(this.step) : this.draw());
  }

  get steps(): readonly StepCode[] {
    return stepsOf(this.form, this.settings, this.book);
  }

  /** Leave the step when nothing is missing. */
  async next(announced: number | null = null): Promise<void> {
    const left = missing(this.step, this.book, this.settings, announced);
    if (left.length) return notice(left.map(sentence).join(" "));
    const order = stepsOf("FULL", this.settings, this.book);
    const here = order.indexOf(this.step);
    const following = order.slice(here + 1).find((step) => this.steps.includes(step));
    await this.go(following ?? "CLOSE");
  }

  /** More ways from any step: take back a mistake, go back, pass the step, leave for now, call the meeting off. */
  menu(): void {
    const { step } = this;
    const order = this.steps;
    const earlier = order.slice(0, order.indexOf(step)).filter((other) => mayReturn(other, this.sitting) !== "NO");
    const back = (other: StepCode): unknown => {
      const go = async (reason: string): Promise<void> => {
        await this.group.record("return_to_step", { step: other, ...(reason ? { reason } : {}) });
        await this.go(other);
      };
      const needsReason = mayReturn(other, this.sitting) === "WITH_REASON";
      return needsReason ? askText({ title: t("Why?"), question: t("Why does the meeting go back?"), needed: true, back: () => this.menu(), done: go }) : go("");
    };
    const pass = (): void =>
      askText({
        title: t("Pass this step"),
        question: t("Why is this step passed today?"),
        needed: true,
        back: () => this.menu(),
        done: async (reason) => {
          await this.group.record("pass_step", { step, reason });
          await this.next();
        },
      });
    const off = (): void =>
      askText({
        title: t("Call the meeting off"),
        question: t("Why is the meeting called off?"),
        needed: true,
        back: () => this.menu(),
        done: async (reason) => {
          await this.group.record("cancel_meeting", { reason });
          await this.leave();
        },
      });
    const choices: Child[] = [
      this.book.lastHeld === null && button(t("Bring in the paper book"), async () => (await import("./paper.ts")).openBook(this), "plain"),
      button(t("Take back a mistake"), () => correct(this, true), "plain"),
      button(t("Pictures of members"), async () => (await import("./receipts.ts")).pictures(this, () => this.menu()), "plain"),
      earlier.length > 0 && tiles(earlier.map((other) => ({ mark: "↩", label: TITLES[other](), act: () => back(other) }))),
      mayPass(step) && button(t("Pass this step"), pass, "plain"),
      !this.sitting.moved && button(t("Call the meeting off"), off, "bad"),
      button(t("Leave for now"), this.leave, "quiet"),
    ];
    show({ title: t("More"), body: choices, back: () => this.draw() });
  }
}

/** Fetch what the first and the last question of a meeting need beside this part: the words of a code, and of a day. */
export const readAhead = (): Promise<unknown> => {
  day("2026-01-01");
  return codeWords(FIRST_PREVIOUS);
};

/** Begin or go on with a group's meeting. */
export async function run(session: Session, group: GroupBook, leave: Act): Promise<void> {
  await new Run(session, group, leave).draw();
  void rehearse(group).catch(() => undefined);
}
