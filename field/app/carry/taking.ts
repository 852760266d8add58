// What another phone or the office gives is taken here: by the camera, or as files; a file is a parcel or a picture of a
// code.
import { Gathering, NotASeries } from "../../core/series.ts";
import { NoParcel } from "../../store/parcels.ts";
import { watch } from "../camera.ts";
import { t } from "../text.ts";
import { h, notice } from "../ui.ts";

const MOST_BYTES = 20_000_000;

const progressText = (gathering: Gathering): string => {
  const { here, all } = gathering.progress;
  const missing = gathering.missing;
  return all ? [t("{n} of {all} codes are here.", { n: here, all }), missing.length > 0 && missing.length <= 5 && t("Missing: {list}", { list: missing.join(", ") })].filter(Boolean).join(" ") : t("Hold it over the codes.");
};

/** The text of the parcel that the camera reads; null when the person went back. */
export async function byCamera(): Promise<string | null> {
  const gathering = new Gathering();
  let whole: string | null = null;
  const take = async (text: string): Promise<boolean> => {
    gathering.add(text);
    whole = await gathering.whole().catch((fault: unknown) => {
      if (fault instanceof NotASeries) return null;
      throw fault;
    });
    return whole !== null;
  };
  await watch(take, () => progressText(gathering));
  return whole;
}

/** Let the person choose files: a parcel as it is, or pictures of all its codes. Null where they make no parcel. */
export async function byFiles(files: readonly File[]): Promise<string | null> {
  const gathering = new Gathering();
  for (const file of files) {
    if (file.size > MOST_BYTES) throw new NoParcel();
    if (!file.type.startsWith("image/")) return file.text();
    const { textInFile } = await import("../reader.ts");
    gathering.add((await textInFile(file)) ?? "");
  }
  const whole = await gathering.whole();
  if (whole === null) notice(progressText(gathering));
  return whole;
}

/** A press that opens the choice of files. */
export function filePress(label: string, take: (files: readonly File[]) => unknown): HTMLElement {
  const field = h("input", { type: "file", multiple: true, accept: "application/json,image/*,.json", class: "away", id: "files" }) as HTMLInputElement;
  field.addEventListener("change", () => void take([...(field.files ?? [])]));
  return h("label", { class: "press plain file" }, label, field);
}
