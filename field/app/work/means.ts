// What this phone can do beside its keyboard for an interview: say where it is, read a code, take a picture. None of it is
// needed to go on, and nothing of it leaves the phone but to the office.
import { keepPicture, openPicture, dropPicture } from "../../store/pictures.ts";
import type { Surroundings } from "../../store/group.ts";
import type { Means } from "../../forms/screen.ts";
import { readCode } from "../camera.ts";
import { t } from "../text.ts";
import { notice } from "../ui.ts";
import { fitted, sizesOf, TooHeavy } from "./fitting.ts";

const PATIENCE = 30_000;

/** Degrees as answers hold them. */
export const placeText = ({ latitude, longitude, altitude, accuracy }: GeolocationCoordinates): string =>
  [latitude.toFixed(6), longitude.toFixed(6), (altitude ?? 0).toFixed(1), accuracy.toFixed(1)].join(" ");

const find = (): Promise<string> =>
  new Promise((tell, fail) => {
    navigator.geolocation.getCurrentPosition(({ coords }) => tell(placeText(coords)), fail, { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 60_000 });
  });

/** A picture drawn smaller, as a JPEG of some quality. */
export async function smaller(file: Blob, side: number, quality: number): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const by = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.max(1, Math.round(picture.width * by)), Math.max(1, Math.round(picture.height * by))];
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((tell, fail) => canvas.toBlob((blob) => (blob ? tell(blob) : fail(new Error("no picture"))), "image/jpeg", quality));
}

/** A picture of this phone on the screen. */
export async function drawn(bytes: Uint8Array<ArrayBuffer>): Promise<HTMLElement> {
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height];
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", t("The picture"));
  return canvas;
}

/** The means of this phone for the interview whose draft has this key. */
export function meansOf(around: Surroundings, draft: string): Means {
  return {
    ...("geolocation" in navigator ? { place: { label: t("Find where I am"), find } } : {}),
    code: { label: t("Read the code with the camera"), read: () => readCode(true) },
    picture: {
      agreed: t("She or he agrees that a picture is taken and kept with the answers."),
      label: t("Take a picture"),
      without: t("Without this picture"),
      keep: async (file, agreedAt) => {
        const small = await fitted(file, smaller, sizesOf());
        return keepPicture(around, draft, new Uint8Array(await small.arrayBuffer()), agreedAt);
      },
      drop: (name) => dropPicture(around, name),
      draw: async (name) => {
        const bytes = await openPicture(around, name);
        return bytes && drawn(bytes);
      },
    },
    failed: (fault) => notice(fault instanceof TooHeavy ? t("This picture is too large. Take it again.") : t("That did not work here. Write it, or go on without it.")),
  };
}
