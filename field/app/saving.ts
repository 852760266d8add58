// What a person keeps as a file: a text, or the signed packets that the office opens.
import type { Session } from "./session.ts";
import { t } from "./text.ts";
import { h, notice } from "./ui.ts";

/** Let the person keep a text as a file. */
export function saveText(text: string, name: string): void {
  const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** Write the signed packets into files; the office opens them under "Bring packets as a file". */
export async function saveFiles(session: Session): Promise<void> {
  const files = await session.files();
  for (const [place, packets] of files.entries()) saveText(JSON.stringify({ packets }), `handup-${packets[0]?.id.slice(-12)}-${place + 1}.json`);
  if (!files.length) notice(t("Received by the office"));
}
