// The short ways into the book: a PIN, pictures in an order, or member cards, each together with a secret of the phone's own
// authenticator. The four words stay the way that always opens.
import type { WayKind } from "../store/vault.ts";
import { tidied } from "../store/vault.ts";
import { canRead, readCode } from "./camera.ts";
import { mayHaveHardware, newHardware, NoHardware } from "./hardware.ts";
import type { Session } from "./session.ts";
import { number, t } from "./text.ts";
import { button, h, notice, show, tiles, type Act, type Child } from "./ui.ts";

const LEAST: Readonly<Record<WayKind, number>> = { PIN: 6, PICTURES: 6, CARDS: 3 };
const MOST = 24;
/** Pictures everybody knows, told apart on any screen; their places never change, so that a hand remembers them. */
const PICTURES = ["🐄", "🐓", "🐐", "🐟", "🌽", "🌳", "🌸", "🥚", "☀️", "🌙", "⭐", "💧", "🔥", "🏠", "🔔", "✋"] as const;

export const KINDS: Readonly<Record<WayKind, () => string>> = {
  PIN: () => t("A PIN"),
  PICTURES: () => t("Pictures in an order"),
  CARDS: () => t("Cards of members"),
};

interface Entry {
  readonly title: string;
  readonly question: string;
  readonly kind: WayKind;
  readonly verb: string;
  readonly back?: Act;
  readonly extra?: Child;
  done(secret: string): unknown;
}

/** The secret that a row of entries makes. */
export const secretOf = (kind: WayKind, entries: readonly string[]): string => `${kind} ${entries.join(kind === "PIN" ? "" : " ")}`;

/** Whether a PIN is one of those that are tried first. */
export function isPlain(digits: string): boolean {
  const steps = [...digits].slice(1).map((digit, place) => Number(digit) - Number(digits[place]));
  return steps.every((step) => step === steps[0]) && Math.abs(steps[0] ?? 0) <= 1;
}

/** Ask for a secret of one kind; nothing of it is shown but how much there is. */
export function askSecret(told: Entry): void {
  const entered: string[] = [];
  const figure = h("p", { class: "figure", "aria-live": "polite", id: "figure" }, "–");
  const set = (act: () => unknown) => (): void => {
    act();
    figure.textContent = entered.length ? "•".repeat(entered.length) : "–";
    figure.setAttribute("aria-label", t("{n} entered", { n: entered.length }));
  };
  const add = (one: string) => set(() => entered.length < MOST && entered.push(one));
  const undo = button("⌫", set(() => entered.pop()), "quiet", { "aria-label": t("Take back the last one") });
  const digit = (one: number): HTMLElement => button(number(one), add(String(one)), "plain", { "data-key": one });
  const card = async (): Promise<void> => {
    const text = (await readCode())?.trim();
    if (!text) return;
    if (entered.includes(text)) return notice(t("This card has been read already."));
    add(text)();
  };
  const bodies: Readonly<Record<WayKind, () => Child>> = {
    PIN: () => h("div", { class: "pad" }, [1, 2, 3, 4, 5, 6, 7, 8, 9].map(digit), undo, digit(0)),
    PICTURES: () => h("div", { class: "pad pictures" }, PICTURES.map((picture, place) => button(picture, add(picture), "plain", { "data-picture": place })), undo),
    CARDS: () => h("div", { class: "stack" }, button(t("Read a card"), card, "plain"), undo),
  };
  show({
    title: told.title,
    question: told.question,
    silent: true,
    atDoor: true,
    body: [figure, bodies[told.kind]()],
    back: told.back,
    actions: [
      button(told.verb, () => (entered.length < LEAST[told.kind] ? notice(t("At least {n} are needed.", { n: LEAST[told.kind] })) : told.done(secretOf(told.kind, entered))), "main", { id: "open" }),
      told.extra,
    ],
  });
}

/** Choose how the book opens day by day, for whoever knows its four words. */
export async function chooseWay(session: Session, words: string, done: Act): Promise<void> {
  if (!(await mayHaveHardware())) return void (await done());
  const kinds = (Object.keys(KINDS) as WayKind[]).filter((kind) => kind !== "CARDS" || canRead());
  const onlyWords = async (): Promise<void> => {
    await session.dropQuick();
    await done();
  };
  show({
    title: t("Open the book"),
    question: t("How is the book opened day by day?"),
    said: t("A short way works on this phone only, together with its own lock. The four words always open: keep the paper."),
    body: tiles([
      ...kinds.map((kind) => ({ mark: { PIN: "1", PICTURES: "🐄", CARDS: "▤" }[kind], label: KINDS[kind](), act: () => first(session, words, kind, done) })),
      { mark: "A", label: t("The four words only"), act: onlyWords },
    ]),
  });
}

function first(session: Session, words: string, kind: WayKind, done: Act): void {
  const again = (): unknown => chooseWay(session, words, done);
  askSecret({
    title: KINDS[kind](),
    question: t("Choose it so that nobody else sees it."),
    kind,
    verb: t("Go on"),
    back: again,
    done: (secret) => (kind === "PIN" && isPlain(secret.slice("PIN ".length)) ? notice(t("This PIN is too easy to guess.")) : second(session, words, kind, secret, done)),
  });
}

function second(session: Session, words: string, kind: WayKind, secret: string, done: Act): void {
  askSecret({
    title: KINDS[kind](),
    question: t("Once more, the same."),
    kind,
    verb: t("Go on"),
    back: () => first(session, words, kind, done),
    done: async (repeated) => {
      if (repeated !== secret) return notice(t("The two are not the same."));
      try {
        await session.addQuick(words, kind, secret, await newHardware());
      } catch (fault) {
        if (!(fault instanceof NoHardware)) throw fault;
        await session.dropQuick();
        await done();
        return notice(t("This phone keeps no secret of its own. The four words open the book."));
      }
      return done();
    },
  });
}

/** From the first screen: the four words are asked once more, then how the book opens. */
export function changeWay(session: Session, back: Act): void {
  const field = h("input", { id: "secret", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-label": t("Your four words") }) as HTMLInputElement;
  const go = async (): Promise<void> => {
    const words = tidied(field.value);
    if (!(await session.knows(words))) return notice(t("These are not the right words."));
    if (!(await mayHaveHardware())) return notice(t("This phone keeps no secret of its own. The four words open the book."));
    await chooseWay(session, words, back);
  };
  show({ title: t("How the book opens"), question: t("Your four words"), silent: true, body: field, back, actions: button(t("Go on"), go, "main") });
  field.focus();
}
