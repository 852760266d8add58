// The phone that wrote the meetings is lost: this one goes on. The code of the last slip says whether it has the whole record;
// what another phone gave is added to what is here, and nothing is ever taken away.
import { adopt, copies, type Copy } from "../../store/parcels.ts";
import { GroupBook } from "../../store/group.ts";
import { canRead, readCode } from "../camera.ts";
import { isCodeOf, mayBeCode } from "../codes.ts";
import { askKeys } from "../meeting/members.ts";
import { Run } from "../meeting/run.ts";
import type { Session } from "../session.ts";
import { t } from "../text.ts";
import { button, h, notice, show, type Act } from "../ui.ts";
import { sentence } from "../words.ts";

/** Ask for the code of the last slip. */
export function restore(session: Session, group: GroupBook, back: Act): void {
  const field = h("input", { id: "code", type: "text", autocomplete: "off", autocapitalize: "none", maxlength: 60, "aria-label": t("Code of the last slip") }) as HTMLInputElement;
  const look = async (): Promise<void> => {
    const told = field.value;
    if (!mayBeCode(told)) return notice(t("A code has twelve digits or four words."));
    const isOne = async (ends: readonly string[]): Promise<boolean> => {
      for (const end of ends) if (await isCodeOf(told, end)) return true;
      return false;
    };
    const here = [group.lastHash, group.tip.hash];
    for (const copy of await copies(group)) if (await isOne(copy.isProved ? [...here, ...copy.ends] : copy.ends)) return confirm(session, group, copy, back);
    if (await isOne(here)) return confirm(session, group, null, back);
    notice(t("No record here has this code. Take a copy from a phone that has it, or send with a network first."));
  };
  const read = async (): Promise<void> => {
    const text = await readCode();
    if (!text) return;
    field.value = text;
    await look();
  };
  show({
    title: group.pack.name,
    question: t("Which code stands on the last slip?"),
    said: t("Only when the other phone is lost or broken: from now on this phone writes the meetings."),
    body: field,
    back,
    actions: [button(t("Go on"), look, "main"), canRead() && button(t("Read the slip with the camera"), read, "plain")],
  });
  field.focus();
}

/** The keys confirm that this phone goes on. */
function confirm(session: Session, group: GroupBook, copy: Copy | null, back: Act): void {
  const run = new Run(session, group, back);
  askKeys(run, {
    title: group.pack.name,
    question: t("The code is right. Which key holders let this phone go on?"),
    back: () => restore(session, group, back),
    done: async (keys) => {
      if (keys.length < run.settings.keys_needed) return notice(sentence("NOT_AGREED"));
      if (copy) await adopt(group, copy);
      const whole = await GroupBook.open(group.around, group.pack.group_id);
      await whole?.takeOver(copy || (await hasCopied(group)) ? "COPY" : "SERVER", keys);
      await back();
      notice(t("This phone writes the meetings now. Send it when there is a network."));
    },
  });
}

/** Tell whether facts of another phone were added here before. */
async function hasCopied(group: GroupBook): Promise<boolean> {
  const rows = await group.around.database.getAll("packets");
  return rows.some((row) => row.group_id === group.pack.group_id && row.device_id !== undefined);
}
