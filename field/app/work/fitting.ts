// How small a picture becomes before it is kept: pictures wait on cheap phones and leave over slow networks.

export const BYTES_MOST = 300_000;

/** Even the smallest drawing of it is more than a picture may have. */
export class TooHeavy extends Error {}

/** What is tried, one after the other: the longer side in points, and how good it stays. */
export const sizesOf = (): readonly (readonly [number, number])[] => [
  [1600, 0.8],
  [1280, 0.7],
  [1024, 0.6],
  [800, 0.5],
];

/** The first drawing of a picture that has so many bytes at most. Throws TooHeavy. */
export async function fitted(file: Blob, draw: (file: Blob, side: number, quality: number) => Promise<Blob>, sizes: readonly (readonly [number, number])[], most = BYTES_MOST): Promise<Blob> {
  for (const [side, quality] of sizes) {
    const found = await draw(file, side, quality);
    if (found.size > 0 && found.size <= most) return found;
  }
  throw new TooHeavy();
}
