// Opening the phone's book: by the short way of this phone where it has one, or with the words its holder knows. Wrong entries
// wait longer, and in the end only the words open; a group's book and unsent work are never deleted by them.
import type { Database } from "../store/db.ts";
import { LOCKS_AT, tidied, WrongSecret, type QuickWay } from "../store/vault.ts";
import { Session, TooManyTries } from "./session.ts";
import { number, t } from "./text.ts";
import { button, h, notice, show, type Act } from "./ui.ts";

interface Then {
  enter(session: Session): unknown;
  practise: Act;
}

/** Ask for what opens the book. */
export async function unlock(database: Database, then: Then): Promise<void> {
  const way = await Session.quickWay(database);
  return way ? byShortWay(database, way, then) : byWords(database, then);
}

/** Do what opens; say how long to wait after too many wrong entries. */
async function opened(open: () => Promise<Session>, then: Then): Promise<void> {
  try {
    await then.enter(await open());
  } catch (fault) {
    if (!(fault instanceof TooManyTries)) throw fault;
    const minutes = Math.max(1, Math.ceil((fault.until - Date.now()) / 60_000));
    notice(t("Too many wrong entries. Wait {n} minutes; nothing is lost.", { n: number(minutes) }));
  }
}

async function byShortWay(database: Database, way: QuickWay, then: Then): Promise<void> {
  const [{ askSecret, KINDS }, { askHardware, NoHardware }] = await Promise.all([import("./ways.ts"), import("./hardware.ts")]);
  const stop = new AbortController();
  const open = async (secret: string): Promise<void> => {
    try {
      const hardware = await askHardware(way.credential, way.asks, stop.signal);
      await opened(() => Session.unlockQuick(database, secret, hardware), then);
    } catch (fault) {
      if (stop.signal.aborted) return;
      if (fault instanceof NoHardware) return notice(t("The phone's own lock did not answer. Try again, or open with the four words."));
      if (!(fault instanceof WrongSecret)) throw fault;
      if (await Session.quickWay(database)) return notice(t("That did not open the book."));
      byWords(database, then);
      notice(t("After {n} wrong entries only the four words open. Nothing you wrote down is lost.", { n: LOCKS_AT }));
    }
  };
  // Pressed also while the phone's lock is asked and does not answer.
  const byPaper = (): void => {
    stop.abort();
    byWords(database, then);
  };
  askSecret({
    title: t("Open the book"),
    question: KINDS[way.kind](),
    kind: way.kind,
    verb: t("Open"),
    done: open,
    extra: [h("button", { type: "button", class: "press plain", click: byPaper }, t("Open with the four words")), button(t("Practise"), then.practise, "quiet")],
  });
}

function byWords(database: Database, then: Then): void {
  const field = h("input", { id: "secret", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-label": t("Your four words") }) as HTMLInputElement;
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") document.getElementById("open")?.click();
  });
  const open = (): Promise<void> => opened(() => Session.unlock(database, tidied(field.value)), then);
  show({
    title: t("Open the book"),
    question: t("Your four words"),
    silent: true,
    atDoor: true,
    body: field,
    actions: [button(t("Open"), open, "main", { id: "open" }), button(t("Practise"), then.practise, "quiet")],
  });
  field.focus();
}
