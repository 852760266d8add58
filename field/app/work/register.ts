// A person is registered where there is no network: the notice is read to her and she says what she agrees to before anything
// of her is asked; one question a screen; every answer is kept; everything is read back before it is written down.
import { currentLanguage, day, t } from "../text.ts";
import { button, h, lines, notice, show, tiles, type Act } from "../ui.ts";
import { askLine, choose } from "./asking.ts";
import { agreedTo, fullName, isBirth, knownTo, maybeSame, personBody, telephoneFault, toldAgain, type BirthKind, type HomeTold, type PersonTold } from "./people.ts";
import type { WorkFact } from "../../store/work.ts";
import type { Work } from "./work.ts";

const DRAFT = "register";
/** What a household is made of so far (household.ts). */
const HOUSEHOLD = "household";

const PURPOSES: Readonly<Record<string, () => string>> = {
  SERVICE: () => t("being served by the programme"),
  SHARE_BANK: () => t("sharing with the bank"),
  SHARE_PARTNER: () => t("sharing with partner organisations"),
  SHARE_AUTHORITY: () => t("sharing with authorities"),
  CONTACT_LATER: () => t("being asked again later"),
  PHOTO_STORY: () => t("photograph or story"),
  RESEARCH: () => t("research"),
  TRANSFER: () => t("being handed over to the local institution"),
};
const METHODS: Readonly<Record<string, () => string>> = {
  SIGNATURE: () => t("signature"),
  MARK: () => t("mark or fingerprint"),
  VOICE: () => t("recorded voice"),
  WITNESSED: () => t("spoken before a witness"),
};
const SEXES: Readonly<Record<string, () => string>> = { F: () => t("woman"), M: () => t("man"), OTHER: () => t("another answer"), NOT_ANSWERED: () => t("not answered") };
const BIRTHS: Readonly<Record<BirthKind, () => string>> = {
  birth_date: () => t("the day"),
  birth_year: () => t("only the year"),
  age: () => t("only the age"),
  unknown: () => t("not known"),
};

/** Whoever was registered, for what goes on behind it. */
export interface Registered {
  readonly person: string;
  readonly name: string;
}

interface Then {
  back: Act;
  done(registered: Registered): unknown;
  /** Whoever was known already: nothing is written down of her. Without it as when she is registered. */
  known?(registered: Registered): unknown;
}

/** Begin, or go on where the program was killed. */
export async function register(work: Work, then?: Then, draft: string = DRAFT): Promise<void> {
  if (!work.pack.registering?.notices.length) return notice(t("What is read to her first is not on this phone yet. Send now, with a network."));
  const told = await work.draft<PersonTold>(draft);
  const way = new Way(work, told, draft, then ?? { back: work.leave, done: (registered) => written(work, registered), known: (registered) => known(work, registered) });
  await way.ask(told.step ?? 0);
}

/** Open a registration that the office did not take once more: whatever was wrong is told anew, and stands for the first. */
export async function mend(work: Work, fact: WorkFact, back: Act): Promise<void> {
  const draft = `mend-${fact.id}`;
  if (!(await work.draft<PersonTold>(draft)).replaces) await work.keepDraft(draft, toldAgain(fact));
  await register(work, { back, done: (registered) => written(work, registered), known: (registered) => known(work, registered) }, draft);
}

class Way {
  private readonly steps: readonly (() => unknown)[] = [
    () => this.notice(),
    () => this.purposes(),
    () => this.method(),
    () => this.firstName(),
    () => this.lastName(),
    () => this.same(),
    () => this.sex(),
    () => this.birthKind(),
    () => this.birth(),
    () => this.programme(),
    () => this.area(),
    () => this.address(),
    () => this.telephone(),
    () => this.readBack(),
  ];
  private at = 0;
  private direction = 1;
  private readonly title = t("Register a person");

  constructor(
    private readonly work: Work,
    private told: PersonTold,
    private readonly draft: string,
    private readonly then: Then,
  ) {}

  private get pack() {
    return this.work.pack.registering ?? { programmes: [], areas: [], notices: [], households: false };
  }

  async ask(at: number): Promise<void> {
    this.at = Math.min(Math.max(0, at), this.steps.length - 1);
    await this.steps[this.at]?.();
  }

  private readonly back = (): unknown => {
    this.direction = -1;
    return this.at === 0 ? this.then.back() : this.ask(this.at - 1);
  };

  /** A step that asks nothing now is passed, whichever way one comes. */
  private pass(): Promise<void> {
    return this.ask(this.at + this.direction);
  }

  private async keep(told: PersonTold): Promise<void> {
    this.direction = 1;
    this.told = { ...this.told, ...told, step: this.at + 1 };
    await this.work.keepDraft(this.draft, this.told);
    await this.ask(this.at + 1);
  }

  private get read() {
    const { notices } = this.pack;
    const wanted = (code: string | undefined) => notices.find((one) => one.language === code);
    return notices.find((one) => one.id === this.told.notice) ?? wanted(currentLanguage()) ?? wanted("en") ?? notices[0];
  }

  /** The day she agreed: that of the first reading, until another notice is read or the registration is begun anew. */
  private get readOn(): string {
    return (this.told.notice === this.read?.id && this.told.read_on) || this.work.today;
  }

  private notice(): void {
    const read = this.read;
    const { notices } = this.pack;
    const other = (): void => {
      const next = notices[(notices.findIndex((one) => one.id === read?.id) + 1) % notices.length];
      const { read_on: _before, ...rest } = this.told;
      this.told = next ? { ...rest, notice: next.id, purposes: agreedTo(this.told, next) } : this.told;
      this.notice();
    };
    const forget = async (): Promise<void> => {
      await this.work.keepDraft(this.draft, {});
      await this.then.back();
    };
    show({
      title: this.title,
      question: t("Read this to her first"),
      body: h("p", { class: "said", lang: read?.language ?? null }, read?.text),
      back: this.back,
      actions: [
        button(t("It is read"), () => read && this.keep({ notice: read.id, purposes: agreedTo(this.told, read), read_on: this.readOn }), "main"),
        notices.length > 1 && button(t("Another language"), other, "plain"),
        this.told.first_name !== undefined && button(t("Begin anew"), forget, "quiet"),
      ],
    });
  }

  private purposes(): void {
    const chosen = new Set(this.told.purposes ?? []);
    const toggle = (purpose: string) => (): void => {
      if (!chosen.delete(purpose)) chosen.add(purpose);
      this.told = { ...this.told, purposes: [...chosen] };
      this.purposes();
    };
    const go = (): unknown => (chosen.size ? this.keep({ purposes: [...chosen] }) : notice(t("She agrees to nothing: then nothing of her is written down.")));
    show({
      title: this.title,
      question: t("What does she agree to?"),
      said: t("What is not chosen is refused."),
      body: tiles((this.read?.purposes ?? []).map((purpose) => ({ mark: chosen.has(purpose) ? "✓" : "○", label: PURPOSES[purpose]?.() ?? purpose, on: chosen.has(purpose), act: toggle(purpose) }))),
      back: this.back,
      actions: button(t("Go on"), go, "main"),
    });
  }

  private pick(question: string, words: Readonly<Record<string, () => string>>, held: string | undefined, keep: (code: string) => unknown): void {
    const all = Object.entries(words);
    show({
      title: this.told.first_name ? fullName(this.told) : this.title,
      question,
      body: tiles(all.map(([code, said]) => ({ mark: held === code ? "✓" : "○", label: said(), on: held === code, act: () => keep(code) }))),
      back: this.back,
    });
  }

  private method(): void {
    this.pick(t("How does she agree?"), METHODS, this.told.method, (method) => this.keep({ method }));
  }

  private firstName(): void {
    askLine({ title: this.title, question: t("What is her or his first name?"), first: this.told.first_name, needed: true, back: this.back, done: (first_name) => this.keep({ first_name }) });
  }

  private lastName(): void {
    askLine({ title: this.title, question: t("What is the family name?"), first: this.told.last_name, back: this.back, done: (last_name) => this.keep({ last_name }) });
  }

  /** The phone looks among those it knows; whoever is among them is not registered twice. */
  private async same(): Promise<void> {
    const found = maybeSame(fullName(this.told), await everybody(this.work)).filter((one) => one.id !== this.told.replaces);
    if (!found.length) return this.pass();
    const isOne = async (one: { id: string; name: string }): Promise<void> => {
      await this.work.keepDraft(this.draft, {});
      const registered = { person: one.id, name: one.name };
      await (this.then.known ? this.then.known(registered) : this.then.done(registered));
    };
    choose({
      title: fullName(this.told),
      question: t("Is it one of these?"),
      said: leftText(this.work),
      from: found,
      back: this.back,
      actions: [button(t("No, somebody else"), () => this.keep({}), "main")],
      done: isOne,
    });
  }

  private sex(): void {
    this.pick(t("Woman or man?"), SEXES, this.told.sex, (sex) => this.keep({ sex }));
  }

  private birthKind(): void {
    this.pick(t("What is known of the birth?"), BIRTHS, this.told.birth_kind, (kind) => this.keep({ birth_kind: kind as BirthKind, ...(kind === this.told.birth_kind ? {} : { birth: "" }) }));
  }

  private birth(): unknown {
    const kind = this.told.birth_kind ?? "unknown";
    if (kind === "unknown") return this.pass();
    const asked = { birth_date: t("When was she or he born?"), birth_year: t("In which year?"), age: t("How old?") }[kind];
    return askLine({
      title: fullName(this.told),
      question: asked,
      kind: kind === "birth_date" ? "date" : "number",
      most: 10,
      first: this.told.birth,
      needed: true,
      back: this.back,
      fault: (text) => (isBirth(kind, text, this.work.today) ? undefined : t("This cannot be.")),
      done: (birth) => this.keep({ birth }),
    });
  }

  private programme(): unknown {
    const { programmes } = this.pack;
    const [only] = programmes;
    if (programmes.length < 2) {
      this.told = { ...this.told, programme: only?.id ?? null };
      return this.pass();
    }
    return choose({ title: fullName(this.told), question: t("Which programme?"), from: programmes, back: this.back, done: ({ id }) => this.keep({ programme: id }) });
  }

  private area(): unknown {
    if (!this.pack.areas.length) return this.pass();
    const skip = button(t("Not known"), () => this.keep({ area: null }), "plain");
    return choose({ title: fullName(this.told), question: t("In which settlement?"), said: this.pack.areas_left ? t("{n} more are not on this phone", { n: this.pack.areas_left }) : "", from: this.pack.areas, back: this.back, actions: [skip], done: ({ id }) => this.keep({ area: id }) });
  }

  private address(): void {
    askLine({ title: fullName(this.told), question: t("Where exactly?"), most: 200, first: this.told.address, back: this.back, done: (address) => this.keep({ address }) });
  }

  private telephone(): void {
    askLine({
      title: fullName(this.told),
      question: t("Which telephone number?"),
      kind: "tel",
      most: 40,
      first: this.told.phone,
      back: this.back,
      fault: (text) => {
        const wrong = telephoneFault(text, this.pack.home_code ?? "");
        return wrong === null ? undefined : wrong === "NONE" ? t("This is no telephone number.") : t("Write it with the code of the country, such as +1.");
      },
      done: (phone) => this.keep({ phone }),
    });
  }

  /** A household that is not finished names her as she is told now. */
  private async renameIn(old: string, now: string): Promise<void> {
    const home = await this.work.draft<Partial<HomeTold>>(HOUSEHOLD);
    if (!home.members?.some((one) => one.person === old)) return;
    const members = home.members.map((one) => (one.person === old ? { ...one, person: now, name: fullName(this.told) } : one));
    await this.work.keepDraft(HOUSEHOLD, { ...home, members, head: home.head === old ? now : home.head });
  }

  private readBack(): void {
    const { told, pack } = this;
    const named = (rows: readonly { id: string; name: string }[], id: string | null | undefined): string => rows.find((row) => row.id === id)?.name ?? "";
    const birth = told.birth_kind === "birth_date" && told.birth ? day(told.birth) : (told.birth ?? "");
    const rows: (readonly [string, string])[] = [
      [t("She agrees to"), (told.purposes ?? []).map((code) => PURPOSES[code]?.() ?? code).join(", ")],
      [t("How she agreed"), METHODS[told.method ?? ""]?.() ?? ""],
      [t("Agreed on"), day(told.read_on ?? this.work.today)],
      [t("Sex"), SEXES[told.sex ?? ""]?.() ?? ""],
      [t("Born"), told.birth_kind === "age" && birth ? t("{n} years old", { n: birth }) : birth],
      [t("Programme"), named(pack.programmes, told.programme)],
      [t("Settlement"), named(pack.areas, told.area)],
      [t("Exact place"), told.address ?? ""],
      [t("Telephone"), told.phone ?? ""],
    ];
    const write = async (): Promise<void> => {
      const fact = await this.work.record("register_person", this.work.today, personBody({ ...told, purposes: agreedTo(told, this.read) }), this.draft);
      if (told.replaces) await this.renameIn(told.replaces, fact.id);
      await this.then.done({ person: fact.id, name: fullName(told) });
    };
    show({
      title: this.title,
      question: t("Read it back before it is done"),
      figure: fullName(told),
      body: lines(rows.map(([name, value]) => [name, value || t("not known")])),
      back: this.back,
      actions: button(t("Write it down"), write, "main"),
    });
  }
}

/** What is said where somebody is looked for and not all of the caseload is on this phone; nothing where all of it is. */
export const leftText = ({ pack }: Work): string => (pack.persons_left ? t("{n} more are not on this phone", { n: pack.persons_left }) : "");

/** Everybody this phone knows. */
export const everybody = async (work: Work) => knownTo(work.pack, (await work.recorded("register_person")).map(({ fact }) => fact));

function written(work: Work, registered: Registered): void {
  after(work, registered, t("Written down. It goes to the office as soon as there is a network."));
}

function known(work: Work, registered: Registered): void {
  after(work, registered, t("She is registered already. Nothing new was written down, and no consent either."));
}

function after(work: Work, registered: Registered, question: string): void {
  const home = async (): Promise<void> => (await import("./household.ts")).beginHousehold(work, registered);
  show({
    title: registered.name,
    question,
    back: work.leave,
    actions: [
      work.pack.registering?.households && button(t("Register the household"), home, "main"),
      button(t("Register another person"), () => register(work), "plain"),
      button(t("Done"), work.leave, "plain"),
    ],
  });
}
