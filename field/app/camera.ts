// Reads a QR code with the camera, where the phone's browser can (BarcodeDetector).
import { t } from "./text.ts";
import { button, h } from "./ui.ts";

interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
declare const BarcodeDetector: new (told: { formats: string[] }) => Detector;

const PAUSE = 200;
const LONGEST = 60_000;

/** The text of the first code seen within a minute; null when there was none or the person went back. */
export async function readCode(): Promise<string | null> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = h("video", { playsinline: true, muted: true }) as HTMLVideoElement;
  video.srcObject = stream;
  let isOver = false;
  const box = h("div", { class: "camera", role: "dialog" }, video, button(t("Back"), () => (isOver = true), "plain"));
  document.body.append(box);
  try {
    await video.play();
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    for (const until = Date.now() + LONGEST; !isOver && Date.now() < until; ) {
      const [found] = await detector.detect(video);
      if (found) return found.rawValue;
      await new Promise((go) => setTimeout(go, PAUSE));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    box.remove();
  }
}
