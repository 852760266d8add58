// Opening the phone's book with the words its holder knows. Wrong entries wait longer; nothing is ever deleted by them.
import type { Database } from "../store/db.ts";
import { tidied } from "../store/vault.ts";
import { Session, TooManyTries } from "./session.ts";
import { number, t } from "./text.ts";
import { button, h, notice, show, type Act } from "./ui.ts";

/** Ask for the four words. */
export function unlock(database: Database, then: { enter(session: Session): unknown; practise: Act }): void {
  const field = h("input", { id: "secret", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-label": t("Your four words") }) as HTMLInputElement;
  const open = async (): Promise<void> => {
    try {
      await then.enter(await Session.unlock(database, tidied(field.value)));
    } catch (fault) {
      if (!(fault instanceof TooManyTries)) throw fault;
      const minutes = Math.ceil((fault.until - Date.now()) / 60_000);
      notice(t("Too many wrong entries. Wait {n} minutes; nothing is lost.", { n: number(minutes) }));
    }
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") document.getElementById("open")?.click();
  });
  show({
    title: t("Open the book"),
    question: t("Your four words"),
    body: field,
    actions: [button(t("Open"), open, "main", { id: "open" }), button(t("Practise"), then.practise, "quiet")],
  });
  field.focus();
}
