// What the office has not received yet, with its age; it is sent now, saved to a file, or carried.
import { closingCode } from "../core/chain.ts";
import { openAnswer, pending } from "../store/outbox.ts";
import type { PacketState } from "../store/db.ts";
import type { GroupBook } from "../store/group.ts";
import { carrying, whereabouts } from "./home.ts";
import { saveFiles } from "./saving.ts";
import type { Session } from "./session.ts";
import { age, number, t } from "./text.ts";
import { button, h, lines, show, type Act, type Child } from "./ui.ts";

/** States of packets whose reasons are shown. */
const TOLD: readonly PacketState[] = ["REFUSED", "WAITS", "ASIDE", "NOT_KEPT"];

async function waitingOf(session: Session, group: GroupBook): Promise<Child> {
  const told = await pending(session, group.pack.group_id);
  const rows = (await session.database.getAll("packets")).filter((row) => row.group_id === group.pack.group_id && TOLD.includes(row.state));
  const reasons = (await Promise.all(rows.map((row) => openAnswer(session, row)))).flatMap((answer) =>
    (answer?.lines ?? []).flatMap((line) => [...line.flags, ...line.faults.map((fault) => `${fault.code} ${fault.field} ${fault.value}`)]),
  );
  return h(
    "section",
    { class: "card" },
    h("h2", {}, group.pack.name),
    lines([
      [t("On this phone"), number(told.here)],
      [t("Sent"), number(told.sent)],
      [t("Received by the office"), number(told.received)],
      ...(told.oldest ? ([[t("Oldest not yet received"), age(told.oldest, new Date())]] as const) : []),
      [t("Code of the last entry"), closingCode(group.tip.hash)],
    ]),
    told.waits + told.aside + told.notKept + told.refused > 0 && h("p", { class: "state bad" }, whereabouts(told)),
    reasons.length > 0 && h("p", { class: "state bad" }, reasons.join(", ")),
  );
}

/** What is not yet received, with its age; a press sends it now. */
export async function waiting(session: Session, back: Act): Promise<void> {
  const groups = (await Promise.all((await session.groupIds()).map((id) => session.group(id)))).filter((group) => group !== null);
  const send = async (): Promise<void> => {
    try {
      await session.exchange(true);
    } finally {
      await waiting(session, back);
    }
  };
  show({
    title: t("What the office has not received"),
    body: await Promise.all(groups.map((group) => waitingOf(session, group))),
    back,
    actions: [button(t("Send now"), send, "main"), button(t("Save to a file to carry"), () => saveFiles(session), "plain"), button(t("Carry without a network"), () => carrying(session, () => waiting(session, back)), "plain")],
  });
}
