// The phone in use: its tables, its open vault, its groups. The key lives here, in memory, and goes when it locks.
import { fromBase64, toBase64 } from "../core/bytes.ts";
import { IdMaker } from "../core/ids.ts";
import { newSigningKey, publicPoint, readSigningKey } from "../core/packet.ts";
import { getMeta, PRACTICE, putMeta, type Database } from "../store/db.ts";
import { GroupBook, keepPack, type Surroundings } from "../store/group.ts";
import { deliver } from "../store/outbox.ts";
import { afterWrong, makeVault, openVault, ROUNDS, WrongSecret, type Vault } from "../store/vault.ts";
import { enrol, officeOf, packs } from "./office.ts";

/** What this phone is to the office: sealed under the vault's key. */
interface DeviceSecret {
  readonly pkcs8: string;
  readonly publicKey: string;
  readonly token: string | null;
  readonly deviceId: string | null;
}

const PLACE = "device";

export class TooManyTries extends Error {
  constructor(readonly until: number) {
    super("too many wrong entries");
  }
}

export class Session {
  private constructor(
    readonly database: Database,
    readonly vault: Vault,
    readonly ids: IdMaker,
    private device: DeviceSecret,
  ) {}

  /** Tell whether this is the practice store, of which nothing is ever sent. */
  get isPractice(): boolean {
    return this.database.name === PRACTICE;
  }

  /** Tell whether tables hold a vault already. */
  static async exists(database: Database): Promise<boolean> {
    return (await getMeta(database, "wrapped")) !== undefined;
  }

  /** Begin on a new phone: vault, key pair, nothing enrolled yet. */
  static async begin(database: Database, secret: string, told: { rounds?: number; deviceId?: string } = {}): Promise<Session> {
    const { vault, wrapped } = await makeVault(secret, undefined, told.rounds ?? ROUNDS);
    const pair = await newSigningKey();
    const pkcs8 = toBase64(new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)));
    const device = { pkcs8, publicKey: await publicPoint(pair.publicKey), token: null, deviceId: told.deviceId ?? null };
    const sealed = await vault.seal(PLACE, device);
    const step = database.transaction("meta", "readwrite", { durability: "strict" });
    await Promise.all([step.store.put(wrapped, "wrapped"), step.store.put(sealed, "device"), step.done]);
    return new Session(database, vault, new IdMaker(), device);
  }

  /** Open what lies here. Throws WrongSecret, TooManyTries. */
  static async unlock(database: Database, secret: string, now: number = Date.now()): Promise<Session> {
    const tries = (await getMeta(database, "tries")) ?? { wrong: 0, until: 0 };
    if (tries.until > now) throw new TooManyTries(tries.until);
    const [wrapped, sealed] = [await getMeta(database, "wrapped"), await getMeta(database, "device")];
    if (!wrapped || !sealed) throw new Error("nothing lies on this phone yet");
    try {
      const vault = await openVault(wrapped, secret);
      await putMeta(database, "tries", { wrong: 0, until: 0 });
      const device = await vault.open<DeviceSecret>(PLACE, sealed);
      const highest = (await getMeta(database, "last_id")) ?? null;
      return new Session(database, vault, new IdMaker(highest), device);
    } catch (fault) {
      if (fault instanceof WrongSecret) await putMeta(database, "tries", afterWrong(tries, now));
      throw fault;
    }
  }

  get isEnrolled(): boolean {
    return this.device.token !== null || this.isPractice;
  }

  private get around(): Surroundings {
    const { database, vault, ids, device } = this;
    return { database, vault, ids, deviceId: device.deviceId ?? "", now: () => new Date() };
  }

  /** Enrol with a code from the officer's screen and fetch what this phone carries. The same code again is right when
   * the first answer was lost. */
  async enrol(code: string): Promise<void> {
    const done = await enrol(code, this.device.publicKey);
    this.device = { ...this.device, token: done.token, deviceId: done.device_id };
    await putMeta(this.database, "device", await this.vault.seal(PLACE, this.device));
    await this.fetchPacks();
  }

  /** Fetch the packs of this phone's groups; a group in the middle of a meeting keeps what it has. */
  async fetchPacks(): Promise<void> {
    if (this.device.token === null) return;
    for (const pack of await packs(this.device.token)) {
      const group = await GroupBook.open(this.around, pack.group_id);
      if (group) await group.renew(pack);
      else await keepPack(this.around, pack);
    }
  }

  /** Keep a pack that no office sent: the practice group's. */
  keep(pack: Parameters<typeof keepPack>[1]): Promise<void> {
    return keepPack(this.around, pack);
  }

  /** Send what is not sent, read receipts back, then fetch newer packs. */
  async exchange(again = false): Promise<void> {
    if (this.device.token === null) return;
    const key = await readSigningKey(fromBase64(this.device.pkcs8));
    const run = () => deliver(this.around, key, officeOf(this.device.token as string), again);
    await (navigator.locks ? navigator.locks.request("handup-outbox", run) : run());
    await this.fetchPacks();
  }

  groupIds(): Promise<string[]> {
    return this.database.getAllKeys("packs");
  }

  group(id: string): Promise<GroupBook | null> {
    return GroupBook.open(this.around, id);
  }
}
