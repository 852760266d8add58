// Reads the QR code in a picture, for browsers that have no reader of their own. The reader is the package `qr` (MIT or
// Apache-2.0); it weighs as much as a whole part, so it is fetched only where it is needed.
import { decodeQR } from "qr/decode.js";

/** More points than this read no better, and slow down an old phone. */
const MOST_SIDE = 1200;

/** The text of the code in a picture; null where none is found. */
export function textIn(canvas: HTMLCanvasElement, picture: CanvasImageSource, width: number, height: number): string | null {
  const scale = Math.min(1, MOST_SIDE / Math.max(width, height));
  [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen || !canvas.width || !canvas.height) return null;
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return textOf(pen.getImageData(0, 0, canvas.width, canvas.height));
}

/** The text of the code in rows of points (red, green, blue, alpha); null where none is found. */
export function textOf(image: { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray | Uint8Array }): string | null {
  try {
    return decodeQR(image);
  } catch {
    return null; // no code in sight, or one too blurred: the next picture may be better
  }
}

/** The text of the code in a file of a picture; null where none is found. */
export async function textInFile(file: Blob): Promise<string | null> {
  const picture = await createImageBitmap(file).catch(() => null);
  return picture && textIn(document.createElement("canvas"), picture, picture.width, picture.height);
}
