// The shell: opens what lies on this phone, and leads to the parts, each loaded when it is needed.
import { FIELD, openDatabase, PRACTICE } from "../store/db.ts";
import { endedText, home } from "./home.ts";
import { lockAfter } from "./lock.ts";
import { Session } from "./session.ts";
import { isLanguage, LANGUAGES, speak, t, type Catalogue, type Language } from "./text.ts";
import { button, explainBy, h, notice, opened, show, shut } from "./ui.ts";
import { unlock } from "./unlock.ts";
import { explained } from "./words.ts";

const CHOSEN = "handup-language";
const MINUTES_TO_SEND = 2;
const SECONDS_TO_LOOK = 15;
declare const CATALOGUES: Readonly<Record<string, string>>;

async function catalogue(code: Language): Promise<Catalogue> {
  const file = CATALOGUES[code];
  if (file === undefined) return {};
  const answer = await fetch(file);
  return (await answer.json()) as Catalogue;
}

/** Speak a language; without its catalogue at hand, English. */
async function choose(code: Language): Promise<void> {
  document.documentElement.lang = code;
  try {
    speak(code, await catalogue(code));
  } catch {
    speak(code, {});
  }
}

function askLanguage(then: () => unknown): void {
  const codes = Object.keys(LANGUAGES) as Language[];
  const pick = async (code: Language): Promise<void> => {
    localStorage.setItem(CHOSEN, code);
    await choose(code);
    await then();
  };
  show({
    title: "Handup",
    body: h("div", { class: "stack" }, codes.map((code) => button(LANGUAGES[code], () => pick(code), "plain", { lang: code }))),
  });
}

async function practise(): Promise<void> {
  opened();
  const { openPractice } = await import("./practice.ts");
  document.body.classList.add("practice");
  await home(await openPractice(await openDatabase(PRACTICE)), {
    leave: begin,
  });
}

/** Ends what runs for the book that is open; the key goes with it. */
let leave: () => void = () => undefined;

/** Say what the office said of this phone; silence is no fault. */
async function send(session: Session): Promise<void> {
  const wasEnded = session.isEnded;
  await session.exchange().catch(() => undefined);
  if (session.isWiped) {
    leave();
    show({ title: "Handup", atDoor: true, question: t("The office took this phone out of use. Its work was handed in, and everything here was deleted.") });
  } else if (session.isEnded && !wasEnded) notice(endedText());
}

/** While the book is open: send now and again, and lock it when nobody touches the phone. */
function attend(session: Session): void {
  leave();
  const stop = new AbortController();
  const { signal } = stop;
  const lock = lockAfter({ now: () => Date.now(), isBusy: () => session.isMeeting(), lock: begin });
  const sendIfSeen = (): unknown => document.visibilityState === "visible" && navigator.onLine && send(session);
  const looks = window.setInterval(() => void lock.look().catch(() => undefined), SECONDS_TO_LOOK * 1000);
  const sends = window.setInterval(sendIfSeen, MINUTES_TO_SEND * 60_000);
  for (const name of ["pointerdown", "keydown"]) window.addEventListener(name, lock.touch, { signal, capture: true });
  window.addEventListener("online", () => void send(session), { signal });
  const seen = (): unknown => (document.visibilityState === "hidden" ? lock.left() : lock.back().catch(() => undefined));
  document.addEventListener("visibilitychange", () => void seen(), { signal });
  leave = () => {
    stop.abort();
    window.clearInterval(looks);
    window.clearInterval(sends);
    leave = () => undefined;
  };
  void send(session);
}

let isAlone = false;

/** Take the book for this window until it is closed: two windows must not write one book. */
function takeBook(): Promise<boolean> {
  const { locks } = navigator;
  if (!locks || isAlone) return Promise.resolve(true);
  return new Promise((tell) => {
    const hold = (lock: Lock | null): Promise<void> | undefined => {
      isAlone = lock !== null;
      tell(isAlone);
      return lock ? new Promise(() => undefined) : undefined;
    };
    void locks.request("handup-book", { ifAvailable: true }, hold).catch(() => tell(true));
  });
}

async function begin(): Promise<void> {
  leave();
  shut();
  if (!(await takeBook())) {
    return show({ title: "Handup", atDoor: true, question: t("The book is open in another window. Close it there first."), actions: button(t("Try again"), begin, "main") });
  }
  document.body.classList.remove("practice");
  const database = await openDatabase(FIELD);
  const enter = async (session: Session): Promise<void> => {
    opened();
    void navigator.storage?.persist?.();
    attend(session);
    await home(session, { language: () => askLanguage(() => home(session, { lock: begin })), practise, lock: begin });
  };
  if (await Session.exists(database)) return unlock(database, { enter, practise });
  opened(); // nothing lies here yet
  const { welcome } = await import("./enrol.ts");
  return welcome(database, { enter, practise });
}

function offerUpdate(registration: ServiceWorkerRegistration): void {
  const worker = registration.waiting;
  if (!worker || !navigator.serviceWorker.controller) return;
  notice(t("A newer version is ready. It is used when the app is opened next."));
}

async function registerWorker(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register("/field/worker.js", { scope: "/field/" });
  registration.addEventListener("updatefound", () =>
    registration.installing?.addEventListener("statechange", () => offerUpdate(registration)),
  );
}

async function main(): Promise<void> {
  explainBy(explained);
  void registerWorker().catch(() => undefined);
  const kept = localStorage.getItem(CHOSEN);
  if (kept && isLanguage(kept)) {
    await choose(kept);
    await begin();
  } else askLanguage(begin);
}

void main();
