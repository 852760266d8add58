// What is written on a page and not yet stored: kept on this device, sealed under a key the server tells only to whoever
// is signed in. Each person's lies in a place of its own, so that nobody writes over what another wrote on the same device.
// Without the means to seal, nothing is kept, and the page does not say that anything is.
import type { Kept } from "./answers.ts";

export interface Written {
  readonly id: string;
  readonly step: number;
  readonly answers: Kept;
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const textOf = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const NONCE = 12;
const TAG = 8;

/** What names a key's place without telling the key. */
async function tagOf(key: Uint8Array<ArrayBuffer>): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", key)).slice(0, TAG);
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Draft {
  private waiting: Written | null = null;
  private running: Promise<boolean> | null = null;
  private isGone = false;

  private constructor(
    private readonly shared: string,
    private readonly place: string,
    private readonly key: CryptoKey | null,
  ) {}

  static async open(name: string, key: string): Promise<Draft> {
    const shared = `handup-survey-${name}`;
    if (!name || !key || !globalThis.crypto?.subtle) return new Draft(shared, shared, null);
    const bytes = bytesOf(key);
    const opened = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    return new Draft(shared, `${shared}-${await tagOf(bytes)}`, opened);
  }

  /** Whether answers of somebody else to the same wait on this device; asked once hers are read. */
  isSharedWithOthers(): boolean {
    return Object.keys(localStorage).some((place) => place.startsWith(this.shared) && place !== this.place);
  }

  /** Keep the newest; true only when it lies on the device. One writes at a time, the last told wins. */
  async keep(written: Written): Promise<boolean> {
    if (!this.key || this.isGone) return false;
    this.waiting = written;
    this.running ??= this.write(this.key);
    return this.running;
  }

  private async write(key: CryptoKey): Promise<boolean> {
    try {
      while (this.waiting) {
        const next = this.waiting;
        this.waiting = null;
        const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
        const told = new TextEncoder().encode(JSON.stringify(next));
        const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, told));
        if (this.isGone) return false;
        localStorage.setItem(this.place, `${textOf(nonce)}.${textOf(sealed)}`);
      }
      return true;
    } catch {
      return false; // no room, or the browser keeps nothing
    } finally {
      this.running = null;
    }
  }

  /** What she kept herself; nothing when there is none. */
  async read(): Promise<Written | null> {
    const own = await this.unseal(this.place);
    if (own) return own;
    const before = await this.unseal(this.shared); // kept when all wrote into one place
    if (before && (await this.keep(before))) localStorage.removeItem(this.shared);
    return before;
  }

  private async unseal(place: string): Promise<Written | null> {
    const [nonce, sealed] = (localStorage.getItem(place) ?? "").split(".");
    if (!this.key || !nonce || !sealed) return null;
    try {
      const told = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytesOf(nonce) }, this.key, bytesOf(sealed));
      return JSON.parse(new TextDecoder().decode(told));
    } catch {
      return null;
    }
  }

  /** Throw away what was kept; what is written from now on is kept again. */
  discard(): void {
    localStorage.removeItem(this.place);
  }

  /** It is stored at the office: nothing is kept any more. */
  forget(): void {
    this.isGone = true;
    this.discard();
  }
}
