// What somebody says to an officer away from the office: that something is wrong, or good; named or not. She gets a code at
// once, with which she asks where it stands. What only few may know stays with the focal point.
import { dropDraft } from "../../store/work.ts";
import { currentLanguage, t } from "../text.ts";
import { askText, button, lines, show, tiles } from "../ui.ts";
import { askLine, choose } from "./asking.ts";
import { everybody, leftText } from "./register.ts";
import type { Work } from "./work.ts";

/** Its key lies open: it tells nobody that somebody complains, as that of before did. */
const DRAFT = "said";
const BEFORE = "complaint";
/** The signs of a code: none is read as another. */
const SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
const LENGTH = 12;

type Named = readonly (readonly [string, () => string])[];
const KINDS: Named = [
  ["SERVICE", () => t("How she was served")],
  ["PAYMENT", () => t("Money that was paid or not")],
  ["TARGETING", () => t("Who was chosen and who was not")],
  ["STAFF", () => t("Somebody of the staff")],
  ["GROUP", () => t("Her group")],
  ["BANK", () => t("A bank")],
  ["PARTNER", () => t("A partner organisation")],
  ["DATA", () => t("What is kept of her")],
  ["REQUEST", () => t("She asks for something")],
  ["PRAISE", () => t("Praise")],
];
const SENSITIVE: Named = [
  ["EXPLOITATION", () => t("Abuse or exploitation")],
  ["FRAUD", () => t("Fraud")],
  ["STAFF_CONDUCT", () => t("How somebody of the staff behaved")],
  ["DATA_BREACH", () => t("Something of people got into wrong hands")],
];

/** A complaint as it is told, kept after every answer. */
interface Told {
  readonly kind?: string;
  readonly sensitivity?: string | null;
  readonly person?: string | null;
  readonly name?: string;
  readonly contact?: string;
  readonly text?: string;
}

/** A code nobody guesses. */
export function newTracking(random: (count: number) => Uint8Array = (count) => crypto.getRandomValues(new Uint8Array(count))): string {
  let code = "";
  while (code.length < LENGTH) {
    for (const byte of random(LENGTH)) if (byte < SIGNS.length * 8 && code.length < LENGTH) code += SIGNS[byte % SIGNS.length];
  }
  return code;
}

/** Begin, or go on where the program was killed. */
export async function complaint(work: Work): Promise<void> {
  const before = await work.draft<Told>(BEFORE);
  if (before.kind !== undefined) await work.keepDraft(DRAFT, before);
  await dropDraft(work.around, BEFORE);
  await new Way(work, await work.draft<Told>(DRAFT)).next();
}

class Way {
  constructor(
    private readonly work: Work,
    private told: Told,
  ) {}

  /** Ask what is not told yet. */
  next(): unknown {
    const { told } = this;
    if (told.kind === undefined) return this.kind();
    if (told.sensitivity === undefined) return this.sensitivity();
    if (told.person === undefined) return this.who();
    if (told.text === undefined) return this.text();
    return this.readBack();
  }

  private async keep(more: Told): Promise<void> {
    this.told = { ...this.told, ...more };
    await this.work.keepDraft(DRAFT, this.told);
    await this.next();
  }

  private async forget(): Promise<void> {
    await dropDraft(this.work.around, DRAFT);
    await this.work.leave();
  }

  private get anew() {
    return button(t("Begin anew"), () => this.forget(), "quiet");
  }

  private kind(): void {
    show({
      title: t("Complaint or praise"),
      question: t("What is it about?"),
      body: tiles(KINDS.map(([kind, words]) => ({ mark: kind === "PRAISE" ? "♥" : "!", label: words(), act: () => this.keep({ kind }) }))),
      back: this.work.leave,
    });
  }

  private sensitivity(): void {
    show({
      title: t("Complaint or praise"),
      question: t("Is it one of these? Then only few may know of it."),
      body: tiles([{ mark: "○", label: t("None of these"), act: () => this.keep({ sensitivity: null }) }, ...SENSITIVE.map(([sensitivity, words]) => ({ mark: "!", label: words(), act: () => this.keep({ sensitivity }) }))]),
      back: this.work.leave,
      actions: this.anew,
    });
  }

  private who(): void {
    show({
      title: t("Complaint or praise"),
      question: t("Who says it?"),
      said: t("Nobody has to say who she is."),
      body: tiles([
        { mark: "○", label: t("She does not say who she is"), act: () => this.keep({ person: null }) },
        { mark: "☺", label: t("Somebody of my caseload"), act: () => this.known() },
        { mark: "✆", label: t("Somebody else, who leaves word how to reach her"), act: () => this.reach() },
      ]),
      back: this.work.leave,
      actions: this.anew,
    });
  }

  private async known(): Promise<void> {
    choose({
      title: t("Complaint or praise"),
      question: t("Who is it?"),
      said: leftText(this.work),
      from: await everybody(this.work),
      back: () => this.who(),
      done: (one) => this.keep({ person: one.id, name: one.name }),
    });
  }

  private reach(): void {
    askLine({ title: t("Complaint or praise"), question: t("How is she reached?"), most: 120, needed: true, back: () => this.who(), done: (contact) => this.keep({ person: null, contact }) });
  }

  private text(): void {
    askText({ title: t("Complaint or praise"), question: t("What does she say? In her own words."), needed: true, long: true, most: 2000, back: this.work.leave, verb: t("Go on"), done: (text) => this.keep({ text }) });
  }

  private readBack(): void {
    const { told } = this;
    const words = (named: Named, code: string | null | undefined): string => named.find(([one]) => one === code)?.[1]() ?? "–";
    show({
      title: t("Complaint or praise"),
      question: t("Read it back before it is done"),
      body: lines([
        [t("About"), words(KINDS, told.kind)],
        ...(told.sensitivity ? ([[t("Only few may know"), words(SENSITIVE, told.sensitivity)]] as const) : []),
        [t("Who says it"), told.name ?? told.contact ?? t("Not said")],
        [t("What she says"), told.text ?? ""],
      ]),
      back: this.work.leave,
      actions: [button(t("Write it down"), () => this.write(), "main"), this.anew],
    });
  }

  private async write(): Promise<void> {
    const { kind, sensitivity, person, contact, text } = this.told;
    const tracking = newTracking();
    const body = { kind, text, tracking, language: currentLanguage(), ...(sensitivity ? { sensitivity } : {}), ...(person ? { person } : {}), ...(contact ? { contact } : {}) };
    await this.work.record("record_grievance", this.work.today, body, DRAFT);
    show({
      title: t("Complaint or praise"),
      question: t("Give her this code: with it she asks where it stands."),
      figure: (tracking.match(/.{4}/g) ?? []).join(" "),
      silent: true,
      said: t("It is written down, and goes to the office as soon as there is a network."),
      actions: button(t("Done"), this.work.leave, "main"),
    });
  }
}
