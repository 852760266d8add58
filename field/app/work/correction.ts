// What is known of a person is corrected where there is no network: one thing a fact, with what the phone showed and why. What the
// office changed meanwhile waits there for another person, who sees both.
import { isForgotten, type WorkFact, type WorkKnown, type WorkPack } from "../../store/work.ts";
import { day, t } from "../text.ts";
import { button, lines, notice, show, tiles } from "../ui.ts";
import { askLine, choose } from "./asking.ts";
import { isBirth, telephoneFault } from "./people.ts";
import type { Work } from "./work.ts";

const DRAFT = "correction";
type Thing = "SEX" | "BIRTH" | "FATHER_NAME" | "AREA" | "PHONE";
const THINGS: Readonly<Record<Thing, () => string>> = {
  SEX: () => t("Woman or man"),
  BIRTH: () => t("The birth"),
  FATHER_NAME: () => t("The name of the father"),
  AREA: () => t("The settlement"),
  PHONE: () => t("The telephone"),
};
const SEXES: Readonly<Record<string, () => string>> = { F: () => t("woman"), M: () => t("man"), OTHER: () => t("another answer"), NOT_ANSWERED: () => t("not answered") };
const WHYS: Readonly<Record<string, () => string>> = {
  WRITTEN_WRONG: () => t("It was written down wrong"),
  CHANGED_SINCE: () => t("It is otherwise since"),
  TOLD_ANEW: () => t("It is known better now"),
};

/** A correction as it is told, kept after every answer. */
interface Told {
  readonly person?: string;
  readonly field?: Thing;
  readonly value?: string;
  readonly why?: string;
}

/** What this phone shows of a thing: as the office told it, or as it was corrected here since; null where it shows none. */
export function shownOf(person: WorkKnown, field: Thing, facts: readonly WorkFact[]): string | null {
  const here = facts.filter((fact) => !isForgotten(fact) && fact.body["person"] === person.person_id && fact.body["field"] === field).at(-1);
  if (here) return String(here.body["new"]);
  return field === "PHONE" ? null : (person.known?.[field.toLowerCase() as "sex"] ?? null);
}

/** Whose things may be corrected on this phone. */
export const correctable = (pack: WorkPack): WorkKnown[] => (pack.persons ?? []).filter((one) => one.known);

/** Begin, or go on where the program was killed. */
export async function correction(work: Work): Promise<void> {
  const facts = (await work.recorded("correct_person")).filter(({ row }) => row.state !== "LEFT_OUT").map(({ fact }) => fact);
  await new Way(work, facts, await work.draft<Told>(DRAFT)).next();
}

class Way {
  constructor(
    private readonly work: Work,
    private readonly facts: readonly WorkFact[],
    private told: Told,
  ) {}

  /** Ask what is not told yet; whoever is no longer carried is asked anew. */
  next(): unknown {
    const { told, person } = this;
    if (person === undefined) return this.who();
    if (told.field === undefined) return this.what(person);
    if (told.value === undefined) return this.value(person, told.field);
    if (told.why === undefined) return this.why(person);
    return this.readBack(person, told.field, told.value, told.why);
  }

  private get person(): WorkKnown | undefined {
    return correctable(this.work.pack).find((one) => one.person_id === this.told.person);
  }

  private async keep(told: Told): Promise<void> {
    this.told = told;
    await this.work.keepDraft(DRAFT, told);
    await this.next();
  }

  private said(field: Thing, text: string | null): string {
    if (text === null) return t("not on this phone");
    if (text === "") return t("not known");
    if (field === "SEX") return SEXES[text]?.() ?? t("not known");
    if (field === "AREA") return this.work.pack.registering?.areas.find((one) => one.id === text)?.name ?? t("a settlement that is not on this phone");
    return field === "BIRTH" && text.length > 4 ? day(text) : text;
  }

  private who(): void {
    choose({
      title: t("Correct what is known"),
      question: t("Of whom is something wrong?"),
      from: correctable(this.work.pack).map((one) => ({ id: one.person_id, name: one.name, note: [one.person_no, one.village].filter(Boolean).join(" · ") })),
      back: this.work.leave,
      done: ({ id }) => this.keep({ person: id }),
    });
  }

  private what(person: WorkKnown): void {
    const things = (Object.keys(THINGS) as Thing[]).filter((field) => field !== "AREA" || this.work.pack.registering?.areas.length);
    show({
      title: person.name,
      question: t("What is wrong?"),
      body: tiles(things.map((field) => ({ mark: "✎", label: THINGS[field](), note: this.said(field, shownOf(person, field, this.facts)), act: () => this.keep({ person: person.person_id, field }) }))),
      back: () => this.keep({}),
    });
  }

  private value(person: WorkKnown, field: Thing): void {
    const { told } = this;
    const back = (): Promise<void> => this.keep({ person: person.person_id });
    const done = (value: string): unknown => (value === shownOf(person, field, this.facts) ? notice(t("That stands there already.")) : this.keep({ ...told, value }));
    const [title, question] = [person.name, t("What is right? {what}", { what: THINGS[field]() })];
    if (field === "SEX") return show({ title, question, body: tiles(Object.entries(SEXES).map(([code, label]) => ({ mark: "○", label: label(), act: () => done(code) }))), back });
    if (field === "AREA") return choose({ title, question, from: this.work.pack.registering?.areas ?? [], back, actions: [button(t("Not known"), () => done(""), "plain")], done: ({ id }) => done(id) });
    if (field === "BIRTH") return this.birth(title, question, back, done);
    const home = this.work.pack.registering?.home_code ?? "";
    const fault = (text: string): string | undefined => {
      const wrong = field === "PHONE" ? telephoneFault(text, home) : null;
      return wrong === null ? undefined : wrong === "NONE" ? t("This is no telephone number.") : t("Write it with the code of the country, such as +1.");
    };
    askLine({ title, question, kind: field === "PHONE" ? "tel" : "text", most: field === "PHONE" ? 40 : 120, back, fault, done });
  }

  private birth(title: string, question: string, back: () => unknown, done: (value: string) => unknown): void {
    const again = (): void => this.birth(title, question, back, done);
    const ask = (kind: "birth_date" | "birth_year") => (): void =>
      askLine({ title, question, kind: kind === "birth_date" ? "date" : "number", most: 10, needed: true, back: again, fault: (text) => (isBirth(kind, text, this.work.today) ? undefined : t("This cannot be.")), done });
    show({ title, question, body: tiles([{ mark: "○", label: t("the day"), act: ask("birth_date") }, { mark: "○", label: t("only the year"), act: ask("birth_year") }, { mark: "○", label: t("not known"), act: () => done("") }]), back });
  }

  private why(person: WorkKnown): void {
    const { person: id, field } = this.told;
    show({
      title: person.name,
      question: t("Why is it corrected?"),
      body: tiles(Object.entries(WHYS).map(([why, label]) => ({ mark: "○", label: label(), act: () => this.keep({ ...this.told, why }) }))),
      back: () => this.keep({ ...(id === undefined ? {} : { person: id }), ...(field === undefined ? {} : { field }) }),
    });
  }

  private readBack(person: WorkKnown, field: Thing, value: string, why: string): void {
    const old = shownOf(person, field, this.facts);
    const write = async (): Promise<void> => {
      await this.work.record("correct_person", this.work.today, { person: person.person_id, field, old, new: value, why }, DRAFT);
      await this.work.leave();
      notice(t("Written down. It is sent when there is a network."));
    };
    show({
      title: person.name,
      question: t("Read it back before it is done"),
      body: lines([[t("What"), THINGS[field]()], [t("It said"), this.said(field, old)], [t("It should say"), this.said(field, value)], [t("Why"), WHYS[why]?.() ?? ""]]),
      back: () => this.keep({ person: person.person_id, field, value }),
      actions: [button(t("Write it down"), write, "main"), button(t("Begin anew"), () => this.keep({}), "quiet")],
    });
  }
}
