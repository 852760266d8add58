// The last figures of the holder's programmes, read without a network: each with its counts, and always with the day it tells
// of and how long ago it came.
import { keptFigures, type CarriedFigure, type CarriedReport, type KeptFigures } from "../../store/figures.ts";
import { dayOf } from "../../store/work.ts";
import { age, day, t } from "../text.ts";
import { button, h, notice, show, tiles, type Act, type Child } from "../ui.ts";
import type { Work } from "./work.ts";

/** Choose a programme where there are several, then read its figures. `renew`: ask the office for newer ones. */
export async function figures(work: Work, renew: Act): Promise<void> {
  const kept = await keptFigures(work.around);
  if (!kept) return notice(t("No figures are on this phone yet. Connect to the office once."));
  const again = (): Promise<void> => figures(work, renew);
  const [only] = kept.programmes;
  if (only && kept.programmes.length === 1) return report(work, kept, only, work.leave, renew, again);
  show({
    title: t("Figures"),
    question: t("Of which programme?"),
    body: [
      dated(work, kept),
      tiles(kept.programmes.map((one) => ({ mark: "Σ", label: one.title, note: t("Figures up to {day}", { day: day(one.as_of) }), act: () => report(work, kept, one, again, renew, again) }))),
      kept.programmes_left > 0 && h("p", { class: "said" }, t("{n} more are not on this phone", { n: kept.programmes_left })),
    ],
    actions: button(t("Fetch newer figures"), renewed(renew, again), "plain"),
    back: work.leave,
  });
}

/** Newer figures, then the screen anew; without a network what is here stays. */
const renewed = (renew: Act, again: Act): Act => async () => {
  await renew();
  await again();
};

function report(work: Work, kept: KeptFigures, one: CarriedReport, back: Act, renew: Act, again: Act): void {
  show({
    title: one.title,
    said: t("Figures up to {day}", { day: day(one.as_of) }),
    body: [dated(work, kept), one.figures.map(card)],
    actions: button(t("Fetch newer figures"), renewed(renew, again), "plain"),
    back,
  });
}

/** When they were worked out and came: they are never shown as those of now. */
function dated(work: Work, kept: KeptFigures): Child {
  const fetched = t("Worked out on {day}. They came to this phone on {fetched}.", { day: day(kept.worked_out), fetched: day(dayOf(new Date(kept.fetched_at))) });
  return h("p", { class: "state", "data-state": "sent" }, `${fetched} ${age(kept.fetched_at, work.around.now())}. ${t("The office may know more by now.")}`);
}

const card = (one: CarriedFigure): Child =>
  h(
    "section",
    { class: "card", "data-figure": one.code },
    h("h2", {}, one.name),
    h("p", { class: "figure" }, `${one.value} ${one.unit}`.trim()),
    one.counts && h("p", { class: "said" }, one.counts),
    one.interval && h("p", { class: "said" }, one.interval),
    one.stale_since && h("p", { class: "state bad" }, t("Out of date since {day}: answers are being corrected.", { day: day(one.stale_since) })),
    h("p", { class: "said" }, one.how),
  );
