// Where herders are found, season by season, and where they are seen next: as the office told it, or as it was told here since.
import type { Seasons, WorkPlace } from "../../store/places.ts";
import { isForgotten, type WorkFact, type WorkPack } from "../../store/work.ts";
import { day, t } from "../text.ts";
import { button, lines, notice, show, tiles, type Act } from "../ui.ts";
import { askLine, choose } from "./asking.ts";
import { isDay } from "./people.ts";
import type { Work } from "./work.ts";

export const SEASONS: Readonly<Record<string, () => string>> = {
  NEXT: () => t("next seen"),
  WINTER: () => t("winter camp"),
  SPRING: () => t("spring camp"),
  SUMMER: () => t("summer camp"),
  AUTUMN: () => t("autumn camp"),
};
/** The seasons by month, from January, in the northern half of the earth; the southern one is half a year on. */
const MONTHS = ["WINTER", "WINTER", "SPRING", "SPRING", "SPRING", "SUMMER", "SUMMER", "SUMMER", "AUTUMN", "AUTUMN", "AUTUMN", "WINTER"] as const;
const MOST = 120;
const AHEAD = 366;
const DRAFT = "place";

/** A place as it is told, kept after every answer. */
interface Told {
  readonly person?: string;
  readonly season?: string;
  readonly area?: string | null;
  readonly place?: string;
  readonly about?: string;
}

type BySeason = ReadonlyMap<string, WorkPlace>;
/** The day, and in which half of the earth it is. */
type Now = { readonly today: string; readonly pack: Seasons };

/** What was told on this phone and the office did not leave out, the oldest first. */
export const toldHere = async (work: Work): Promise<WorkFact[]> => (await work.recorded("record_place")).filter(({ row }) => row.state !== "LEFT_OUT").map(({ fact }) => fact);

const areaName = (pack: WorkPack, id: unknown): string => pack.registering?.areas.find((one) => one.id === id)?.name ?? "";

/** The places of everybody on this phone, by person and season: what was told last counts. */
export function found(pack: WorkPack, here: readonly WorkFact[]): ReadonlyMap<string, BySeason> {
  const all = new Map<string, Map<string, WorkPlace>>();
  const put = (person: string, place: WorkPlace): void => {
    const of = all.get(person) ?? new Map<string, WorkPlace>();
    all.set(person, of);
    const held = of.get(place.season);
    if (!held || held.told_date <= place.told_date) of.set(place.season, place);
  };
  for (const one of pack.persons ?? []) for (const place of one.places ?? []) put(one.person_id, place);
  for (const fact of here) {
    if (isForgotten(fact)) continue;
    const { person, season, area, place, about_date } = fact.body as Readonly<Record<string, string>>;
    put(person ?? "", { season: season ?? "", area: areaName(pack, area), place: place ?? "", about_date: about_date ?? null, told_date: fact.happened_date });
  }
  return all;
}

const said = (place: WorkPlace): string => [place.area, place.place, place.about_date && day(place.about_date)].filter(Boolean).join(" · ");

/** Where somebody is looked for on a day: where she said she is seen next, while that day has not passed; else at her camp of
 * this season. Empty where she told of neither. */
export function whereNow(places: BySeason | undefined, { today, pack }: Now): string {
  const next = places?.get("NEXT");
  const season = MONTHS[(Number(today.slice(5, 7)) - 1 + (pack.south ? 6 : 0)) % 12] ?? "WINTER";
  const place = next?.about_date && next.about_date >= today ? next : places?.get(season);
  return place ? `${SEASONS[place.season]?.() ?? ""}: ${said(place)}` : "";
}

/** Where one person is found, and the way to tell it anew. */
export async function places(work: Work, whom: { readonly person: string; readonly name: string }, back: Act): Promise<void> {
  const held = found(work.pack, await toldHere(work)).get(whom.person);
  const draft = await work.draft<Told>(DRAFT);
  if (draft.person === whom.person) return void (await new Way(work, whom, back, draft).next());
  show({
    title: whom.name,
    question: t("Where she is found"),
    body: tiles(
      Object.entries(SEASONS).map(([season, label]) => {
        const place = held?.get(season);
        return { mark: "⌖", label: label(), note: place ? `${said(place)} · ${t("As of {day}", { day: day(place.told_date) })}` : t("not known"), act: () => new Way(work, whom, back, {}).keep({ person: whom.person, season }) };
      }),
    ),
    back,
  });
}

class Way {
  constructor(
    private readonly work: Work,
    private readonly whom: { readonly person: string; readonly name: string },
    private readonly back: Act,
    private told: Told,
  ) {}

  /** Ask what is not told yet. */
  next(): unknown {
    const { told } = this;
    if (told.area === undefined) return this.area();
    if (told.place === undefined) return this.place();
    if (told.about === undefined) return this.about();
    return this.readBack();
  }

  async keep(told: Told): Promise<void> {
    this.told = told;
    await this.work.keepDraft(DRAFT, told);
    await this.next();
  }

  private get label(): string {
    return SEASONS[this.told.season ?? ""]?.() ?? "";
  }

  private async leave(): Promise<void> {
    await this.work.keepDraft(DRAFT, {});
    await places(this.work, this.whom, this.back);
  }

  private area(): unknown {
    const areas = this.work.pack.registering?.areas ?? [];
    const done = (area: string | null): Promise<void> => this.keep({ ...this.told, area });
    if (!areas.length) return done(null);
    return choose({ title: `${this.whom.name} · ${this.label}`, question: t("In which settlement?"), from: areas, back: () => this.leave(), actions: [button(t("Not known"), () => done(null), "plain")], done: ({ id }) => done(id) });
  }

  private place(): void {
    const { area, ...rest } = this.told;
    const hasArea = Boolean(area);
    askLine({
      title: `${this.whom.name} · ${this.label}`,
      question: t("What is the place called, as neighbours say it?"),
      most: MOST,
      needed: !hasArea,
      back: () => (this.work.pack.registering?.areas.length ? this.keep(rest) : this.leave()),
      done: (place) => this.keep({ ...this.told, place }),
    });
  }

  private about(): void {
    const { place: _place, ...rest } = this.told;
    const isNext = this.told.season === "NEXT";
    const ahead = (text: string): number => (Date.parse(text) - Date.parse(this.work.today)) / 86_400_000;
    const fits = (text: string): boolean => isDay(text) && Math.abs(ahead(text)) <= AHEAD && (!isNext || ahead(text) >= 0);
    askLine({
      title: `${this.whom.name} · ${this.label}`,
      question: t("About when does she come there?"),
      kind: "date",
      most: 10,
      needed: isNext,
      back: () => this.keep(rest),
      fault: (text) => (fits(text) ? undefined : t("This cannot be.")),
      done: (about) => this.keep({ ...this.told, about }),
    });
  }

  private readBack(): void {
    const { person, season, area, place, about } = this.told;
    const { about: _about, ...rest } = this.told;
    const write = async (): Promise<void> => {
      const body = { person, season, ...(area ? { area } : {}), place: place ?? "", ...(about ? { about_date: about } : {}) };
      await this.work.record("record_place", this.work.today, body, DRAFT);
      await places(this.work, this.whom, this.back);
      notice(t("Written down. It is sent when there is a network."));
    };
    const row = (name: string, text: string | undefined): readonly [string, string] => [name, text || "–"];
    show({
      title: this.whom.name,
      question: t("Read it back before it is done"),
      body: lines([row(t("When"), this.label), row(t("Settlement"), areaName(this.work.pack, area)), row(t("Place"), place), row(t("Day"), about && day(about))]),
      back: () => this.keep(rest),
      actions: [button(t("Write it down"), write, "main"), button(t("Begin anew"), () => this.leave(), "quiet")],
    });
  }
}
