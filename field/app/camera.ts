// Reads QR codes with the camera: by the browser's own reader where it has one, else by a program of this app's own.
import { t } from "./text.ts";
import { button, h } from "./ui.ts";

interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface Detectors {
  new (told: { formats: string[] }): Detector;
  getSupportedFormats?(): Promise<readonly string[]>;
}

const PAUSE = 120;
const LONGEST = 120_000;

/** Tell whether this phone lets its camera be used at all. */
export const canRead = (): boolean => Boolean(globalThis.navigator?.mediaDevices?.getUserMedia);

/** How a picture of the camera is read. */
type Look = (video: HTMLVideoElement) => Promise<string | null>;

async function ownReader(): Promise<Look> {
  const { textIn } = await import("./reader.ts");
  const canvas = document.createElement("canvas");
  return async (video) => textIn(canvas, video, video.videoWidth, video.videoHeight);
}

/** The browser's reader where it reads QR codes; some have one that reads nothing. `any`: bar codes too, where it can. */
async function reader(any: boolean): Promise<Look> {
  const { BarcodeDetector: Found } = globalThis as { BarcodeDetector?: Detectors };
  const formats = (await Found?.getSupportedFormats?.().catch(() => [])) ?? [];
  if (!Found || !formats.includes("qr_code")) return ownReader();
  const detector = new Found({ formats: any ? [...formats] : ["qr_code"] });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
}

/** Look until `take` says that it has enough, two minutes have gone without anything new, or the person goes back. `said`
 * tells the person how far it is. */
export async function watch(take: (text: string) => Promise<boolean> | boolean, said?: () => string, any = false): Promise<boolean> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = h("video", { playsinline: true, muted: true }) as HTMLVideoElement;
  video.srcObject = stream;
  let isOver = false;
  const words = h("p", { class: "said", role: "status" }, said?.() ?? "");
  const box = h("div", { class: "camera", role: "dialog" }, video, words, button(t("Back"), () => (isOver = true), "plain"));
  document.body.append(box);
  try {
    await video.play();
    const look = await reader(any);
    let until = Date.now() + LONGEST;
    let last = "";
    while (!isOver && box.isConnected && Date.now() < until) {
      const text = video.videoWidth ? await look(video) : null;
      if (text !== null && text !== last) {
        last = text;
        if (await take(text)) return true;
        until = Date.now() + LONGEST;
        words.textContent = said?.() ?? "";
      }
      await new Promise((go) => setTimeout(go, PAUSE));
    }
    return false;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    box.remove();
  }
}

/** The text of the first code seen; null when there was none or the person went back. `any`: of a bar code too. */
export async function readCode(any = false): Promise<string | null> {
  let found: string | null = null;
  await watch((text) => {
    found = text;
    return true;
  }, undefined, any);
  return found;
}
