// UUIDv7 (RFC 9562), made on this phone. Ids of one phone always rise, also when its clock jumps back and after a
// restart: whoever makes an `IdMaker` gives it the highest id already kept (groups_meeting.md M1).

const PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Tell whether a text is a UUIDv7 of the RFC variant in small letters; anything else is BAD_ID. */
export function isDeviceId(text: unknown): text is string {
  return typeof text === "string" && PATTERN.test(text);
}

/** The milliseconds and the 12 counting bits of an id, as one number: what rises. */
function headOf(id: string): bigint {
  return (BigInt(`0x${id.slice(0, 8)}${id.slice(9, 13)}`) << 12n) | BigInt(`0x${id.slice(15, 18)}`);
}

export interface Surroundings {
  now(): number;
  random(bytes: Uint8Array): void;
}

export const realSurroundings: Surroundings = {
  now: () => Date.now(),
  random: (bytes) => {
    globalThis.crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>);
  },
};

export class IdMaker {
  private last: bigint;

  constructor(
    highest: string | null = null,
    private readonly around: Surroundings = realSurroundings,
  ) {
    this.last = highest === null ? 0n : headOf(highest);
  }

  /** A new id, above every id before it. */
  next(): string {
    const now = BigInt(Math.floor(this.around.now())) << 12n;
    this.last = now > this.last ? now : this.last + 1n;
    const tail = new Uint8Array(8);
    this.around.random(tail);
    tail[0] = ((tail[0] ?? 0) & 0x3f) | 0x80;
    const head = this.last.toString(16).padStart(15, "0");
    const rest = Array.from(tail, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${head.slice(0, 8)}-${head.slice(8, 12)}-7${head.slice(12)}-${rest.slice(0, 4)}-${rest.slice(4)}`;
  }
}
