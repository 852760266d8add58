// Give and take without a network: packets go on any phone to the office, its receipts come back the same way, and a second
// phone keeps a copy from which it can go on.
import { NotASeries } from "../../core/series.ts";
import { NoParcel } from "../../store/parcels.ts";
import { canRead } from "../camera.ts";
import { saveFiles, saveText } from "../saving.ts";
import type { Session } from "../session.ts";
import { number, t } from "../text.ts";
import { button, lines, notice, show, tiles, type Act } from "../ui.ts";
import { byCamera, byFiles, filePress } from "./taking.ts";

/** The choice of ways. */
export async function carry(session: Session, back: Act): Promise<void> {
  const again = (): Promise<void> => carry(session, back);
  const parcel = await session.parcel();
  const text = JSON.stringify(parcel);
  const some = (parcel.packets?.length ?? 0) + (parcel.notes?.length ?? 0) > 0;
  const take = async (get: () => Promise<string | null>): Promise<void> => {
    try {
      const told = await get();
      if (told === null) return;
      const { packets, receipts } = await session.take(told);
      await again();
      notice(takenText(packets, receipts));
    } catch (fault) {
      if (!(fault instanceof NoParcel) && !(fault instanceof NotASeries)) throw fault;
      notice(t("Nothing of Handup is in it, or not all of it."));
    }
  };
  const showCodes = async (): Promise<void> => {
    const { showSeries } = await import("./showing.ts");
    try {
      await showSeries({ title: t("Give to another phone"), text, back: again });
    } catch (fault) {
      if (!(fault instanceof NotASeries)) throw fault;
      notice(t("This is too much for codes. Save it as a file."));
    }
  };
  show({
    title: t("Carry without a network"),
    said: t("Any phone may carry it: nobody can change anything on the way."),
    body: [
      lines([
        [t("Packets to give"), number(parcel.packets?.length ?? 0)],
        [t("Receipts to bring back"), number(parcel.notes?.length ?? 0)],
      ]),
      tiles([
        ...(some ? [{ mark: "▦", label: t("Show it to another phone"), note: t("It reads the codes with its camera"), act: showCodes }, { mark: "↧", label: t("Save it as a file"), act: () => saveText(text, "handup-parcel.json") }] : []),
        ...(canRead() ? [{ mark: "◉", label: t("Read with the camera"), note: t("What another phone or the office shows"), act: () => take(byCamera) }] : []),
      ]),
      filePress(t("Take a file, or pictures of the codes"), (files) => take(() => byFiles(files))),
    ],
    back,
    actions: button(t("A file for the office"), () => saveFiles(session), "quiet"),
  });
}

/** What was taken, in words. */
function takenText(packets: number, receipts: number | null): string {
  if (receipts === null) return t("The receipts for this phone do not come from the office. Nothing was noted.");
  const parts = [packets > 0 && t("{n} packets of other phones are here now.", { n: packets }), receipts > 0 && t("The office said of {n} packets what became of them.", { n: receipts })].filter(Boolean);
  return parts.join(" ") || t("All of it was here already.");
}
