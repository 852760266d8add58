// Pictures of a place, of goods or of a paper, taken with a visit or a delivery: made small, without what tells where they were
// taken, sealed on this phone. Whoever can be seen in one is asked first.
import { dropPicture, keepPicture, openPicture } from "../../store/pictures.ts";
import { t } from "../text.ts";
import { button, h, notice, show, tiles, type Act, type Child } from "../ui.ts";
import { fitted, sizesOf, TooHeavy } from "./fitting.ts";
import { drawn, smaller } from "./means.ts";
import type { Work } from "./work.ts";

/** What a picture shows, by the codes of the office. */
export type Shows = "PLACE" | "GOODS" | "DOCUMENT" | "PEOPLE";
const SHOWS: Readonly<Record<Shows, () => string>> = { PLACE: () => t("The place"), GOODS: () => t("The goods"), DOCUMENT: () => t("A paper"), PEOPLE: () => t("People") };
const MOST = 5;
/** How many bytes a picture has at most (projects_and_markets.md section 6). */
export const PICTURE_MOST = 200_000;

/** A picture as its fact names it; `agreed_at`: when whoever can be seen in it agreed, null where nobody can. */
export interface Pictured {
  readonly name: string;
  readonly shows: Shows;
  readonly agreed_at: string | null;
}

export interface Photographed {
  readonly title: string;
  /** The key of the draft the pictures belong to. */
  readonly draft: string;
  readonly have: readonly Pictured[];
  readonly back: Act;
  /** Keep what is told of them; they lie on the phone already. */
  keep(pictures: readonly Pictured[]): Promise<void>;
}

/** The pictures taken so far; one more, or one less. */
export async function photographs(work: Work, told: Photographed): Promise<void> {
  const { have } = told;
  const again = async (next: readonly Pictured[]): Promise<void> => {
    await told.keep(next);
    await photographs(work, { ...told, have: next });
  };
  const drop = async (one: Pictured): Promise<void> => {
    await dropPicture(work.around, one.name);
    await again(have.filter((other) => other.name !== one.name));
  };
  const shown = await Promise.all(have.map(async (one): Promise<Child> => {
    const bytes = await openPicture(work.around, one.name);
    return h("div", { class: "questions" }, h("div", { class: "picture" }, bytes && (await drawn(bytes))), button(t("Without this picture"), () => drop(one), "quiet"));
  }));
  const more = (Object.keys(SHOWS) as Shows[]).map((shows) => ({ mark: "◉", label: SHOWS[shows](), act: () => askFace(work, told, shows, again) }));
  show({
    title: told.title,
    question: have.length < MOST ? t("What does the picture show?") : t("No more pictures can be taken here."),
    body: [have.length < MOST && tiles(more), shown],
    back: told.back,
    actions: button(t("Go on"), told.back, "main"),
  });
}

type Again = (next: readonly Pictured[]) => Promise<void>;

function askFace(work: Work, told: Photographed, shows: Shows, again: Again): void {
  if (shows === "PEOPLE") return askAgreed(work, told, shows, again);
  show({
    title: told.title,
    question: t("Can somebody's face be seen in the picture?"),
    body: tiles([
      { mark: "○", label: t("No"), act: () => take(work, told, shows, null, again) },
      { mark: "☺", label: t("Yes"), act: () => askAgreed(work, told, shows, again) },
    ]),
    back: () => photographs(work, told),
  });
}

function askAgreed(work: Work, told: Photographed, shows: Shows, again: Again): void {
  const refused = async (): Promise<void> => {
    await photographs(work, told);
    notice(t("Then no picture is taken."));
  };
  show({
    title: told.title,
    question: t("Ask everybody who can be seen: do you agree that a picture is taken and kept at the office?"),
    body: tiles([
      { mark: "✓", label: t("Everybody agrees"), act: () => take(work, told, shows, new Date().toISOString(), again) },
      { mark: "✗", label: t("Somebody does not agree"), act: refused },
    ]),
    back: () => photographs(work, told),
  });
}

function take(work: Work, told: Photographed, shows: Shows, agreed: string | null, again: Again): void {
  const file = h("input", { type: "file", accept: "image/*", capture: "environment", "aria-label": t("Take a picture") }) as HTMLInputElement;
  file.addEventListener("change", () => void taken(file.files?.[0]));
  const taken = async (whole: File | undefined): Promise<void> => {
    if (!whole) return;
    try {
      const small = await fitted(whole, smaller, sizesOf(), PICTURE_MOST);
      const name = await keepPicture(work.around, told.draft, new Uint8Array(await small.arrayBuffer()), agreed ?? "");
      await again([...told.have, { name, shows, agreed_at: agreed }]);
    } catch (fault) {
      notice(fault instanceof TooHeavy ? t("This picture is too large. Take it again.") : t("That did not work here. Write it, or go on without it."));
    }
  };
  show({
    title: told.title,
    question: SHOWS[shows](),
    said: agreed === null ? t("Take it so that nobody's face is in it.") : t("Only those who agreed may be seen."),
    body: file,
    back: () => photographs(work, told),
  });
}
