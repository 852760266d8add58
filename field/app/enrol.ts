// A new phone: its holder gets four words, then the code from the officer's screen enrols it.
import type { Database } from "../store/db.ts";
import { newPassphrase, tidied } from "../store/vault.ts";
import { canRead, readCode } from "./camera.ts";
import { codeIn } from "./office.ts";
import { Session } from "./session.ts";
import { t } from "./text.ts";
import { button, h, notice, show, type Act } from "./ui.ts";

interface Then {
  enter(session: Session): unknown;
  /** Where one may go instead: a phone that is enrolled already. */
  readonly back?: Act;
  practise: Act;
}

/** The first screen of a new phone. */
export function welcome(database: Database, then: Then): void {
  show({
    title: "Handup",
    question: t("This phone is new here."),
    said: t("An officer shows a code for your group. Without a code you can practise."),
    actions: [
      button(t("I have a code"), () => showWords(database, newPassphrase(), then), "main"),
      button(t("Practise"), then.practise, "plain"),
    ],
  });
}

function showWords(database: Database, words: string, then: Then): void {
  show({
    title: t("Your four words"),
    question: t("Write these four words on paper and keep it apart from the phone."),
    figure: words,
    silent: true,
    said: t("They open the book on this phone. Nobody can tell them to you again."),
    back: () => welcome(database, then),
    actions: button(t("I have written them down"), () => askWords(database, words, then), "main"),
  });
}

function askWords(database: Database, words: string, then: Then): void {
  const field = h("input", { id: "secret", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-label": t("Your four words") }) as HTMLInputElement;
  const check = async (): Promise<void> => {
    if (tidied(field.value) !== words) return notice(t("These are not the right words."));
    const session = await Session.begin(database, words);
    const { chooseWay } = await import("./ways.ts");
    await chooseWay(session, words, () => askCode(session, then));
  };
  show({
    title: t("Your four words"),
    question: t("Type the four words from your paper."),
    body: field,
    back: () => showWords(database, words, then),
    actions: button(t("Go on"), check, "main"),
  });
  field.focus();
}

/** Ask for the code of the officer's screen, by camera where the phone can read it, else typed. */
export function askCode(session: Session, then: Then): void {
  const field = h("input", { id: "code", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-label": t("Code") }) as HTMLInputElement;
  const send = async (): Promise<void> => {
    const code = codeIn(field.value);
    if (code.length < 20) return notice(t("This is no code of an officer's screen."));
    await session.enrol(code);
    await then.enter(session);
  };
  const read = async (): Promise<void> => {
    const text = await readCode();
    if (text) {
      field.value = text;
      await send();
    }
  };
  show({
    title: t("Enrol this phone"),
    question: t("Read or type the code on the officer's screen."),
    body: field,
    back: then.back,
    actions: [button(t("Go on"), send, "main"), canRead() && button(t("Read with the camera"), read, "plain")],
  });
}
