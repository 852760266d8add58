// The phone in use: its tables, its open vault, its groups. The key lives here, in memory, and goes when it locks.
import { fromBase64, toBase64 } from "../core/bytes.ts";
import { IdMaker } from "../core/ids.ts";
import { enrolText, newSigningKey, publicPoint, readSigningKey, sign, type Packet } from "../core/packet.ts";
import { closeNames, deleteDatabase, getMeta, PRACTICE, putMeta, WITNESS, type Database } from "../store/db.ts";
import { GroupBook, keepPack, type Surroundings } from "../store/group.ts";
import { carried, copied, deliver, isAllTaken, newWay, recheck } from "../store/outbox.ts";
import { deliverParcels, forgetParcels, keepNotes, keepParcels, keptNotes, parcels, readParcel, takeNotes, type Parcel, type WitnessLines } from "../store/parcels.ts";
import { afterWrong, LOCKS_AT, makeVault, openVault, ROUNDS, wrapAgain, WrongSecret, type QuickWay, type Vault, type WayKind } from "../store/vault.ts";
import type { Bytes } from "../core/bytes.ts";
import type { Hardware } from "./hardware.ts";
import { picturesWaiting } from "../store/pictures.ts";
import { currentWork, dayOf, exchangeWork, handInWork, unsent, workPack, type AreaDoor, type WorkOffice, type WorkPack } from "../store/work.ts";
import { enrol, farewell, figuresOfficeOf, officeOf, packs, pictureOfficeOf, Refused, workOfficeOf } from "./office.ts";

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
  /** The office no longer takes this phone's token: a new code is needed. Nothing here is lost. */
  isEnded = false;
  /** When the book was opened. */
  readonly openedAt: number = Date.now();
  /** A meeting is being watched as a witness: the unlock lasts until that ends. */
  isWatching = false;
  /** Its work was handed in and everything here deleted, as the office asked. */
  isWiped = false;
  private readonly way = newWay();

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

  /** Tell whether this is the store of a witness, of which nothing is ever sent. */
  get isWitness(): boolean {
    return this.database.name === WITNESS;
  }

  /** The same phone over other tables, of which nothing is ever sent. */
  beside(database: Database): Session {
    return new Session(database, this.vault, this.ids, { ...this.device, token: null });
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

  /** The short way in of this phone while it stands: after too many wrong entries only the four words open. */
  static async quickWay(database: Database): Promise<QuickWay | null> {
    const { wrong } = (await getMeta(database, "tries")) ?? { wrong: 0 };
    return wrong >= LOCKS_AT ? null : ((await getMeta(database, "quick")) ?? null);
  }

  /** Open what lies here by the four words. Throws WrongSecret, TooManyTries. */
  static async unlock(database: Database, secret: string, now: number = Date.now()): Promise<Session> {
    const wrapped = await getMeta(database, "wrapped");
    if (!wrapped) throw new Error("nothing lies on this phone yet");
    return Session.open(database, now, () => openVault(wrapped, secret));
  }

  /** Open it by the short way, with the secret of the phone's authenticator. Throws WrongSecret, TooManyTries. */
  static async unlockQuick(database: Database, secret: string, hardware: Bytes, now: number = Date.now()): Promise<Session> {
    const way = await Session.quickWay(database);
    if (!way) throw new TooManyTries(0);
    return Session.open(database, now, () => openVault(way, secret, hardware));
  }

  private static async open(database: Database, now: number, by: () => Promise<Vault>): Promise<Session> {
    const tries = (await getMeta(database, "tries")) ?? { wrong: 0, until: 0 };
    if (tries.until > now) throw new TooManyTries(tries.until);
    try {
      const vault = await by();
      await putMeta(database, "tries", { wrong: 0, until: 0 });
      const sealed = await getMeta(database, "device");
      if (!sealed) throw new Error("nothing lies on this phone yet");
      const device = await vault.open<DeviceSecret>(PLACE, sealed);
      await closeNames(database);
      const highest = (await getMeta(database, "last_id")) ?? null;
      return new Session(database, vault, new IdMaker(highest), device);
    } catch (fault) {
      if (fault instanceof WrongSecret) await Session.wrong(database, afterWrong(tries, now));
      throw fault;
    }
  }

  /** Note a wrong entry. In the end the key under the short secret goes, and what the phone carries of others; a group's book,
   * and whatever was recorded here and not taken by the office, never does (ruling 8): the four words still open it. */
  private static async wrong(database: Database, tries: ReturnType<typeof afterWrong>): Promise<void> {
    await putMeta(database, "tries", tries);
    if (tries.wrong < LOCKS_AT) return;
    await database.delete("meta", "quick");
    await Session.dropWork(database);
  }

  /** Delete what the phone carries of others; what was recorded here stays. */
  private static async dropWork(database: Database): Promise<void> {
    if (!(await getMeta(database, "work"))) return;
    await putMeta(database, "work_gone", true);
    await Promise.all([database.delete("meta", "work"), database.delete("meta", "figures")]);
  }

  /** From now on the book opens by a short secret and the phone's authenticator too. Throws WrongSecret when these are not
   * the four words. */
  async addQuick(words: string, kind: WayKind, secret: string, hardware: Hardware): Promise<void> {
    const wrapped = await getMeta(this.database, "wrapped");
    if (!wrapped) throw new WrongSecret();
    const again = await wrapAgain(wrapped, words, secret, hardware.secret, wrapped.rounds);
    await putMeta(this.database, "quick", { ...again, kind, credential: hardware.credential, asks: hardware.asks });
  }

  /** Tell whether these are the four words of this phone. */
  async knows(words: string): Promise<boolean> {
    const wrapped = await getMeta(this.database, "wrapped");
    return wrapped !== undefined && openVault(wrapped, words).then(() => true, () => false);
  }

  /** From now on only the four words open the book. */
  async dropQuick(): Promise<void> {
    await this.database.delete("meta", "quick");
  }

  get isEnrolled(): boolean {
    return this.device.token !== null || this.isPractice;
  }

  /** What the parts of an officer's own work need. */
  get surroundings(): Surroundings {
    return this.around;
  }

  /** The doors of its holder's own work. */
  get workOffice(): WorkOffice & AreaDoor {
    return workOfficeOf(this.device.token ?? "");
  }

  /** The day of this phone. */
  get today(): string {
    return dayOf(this.around.now());
  }

  private get around(): Surroundings {
    const { database, vault, ids, device } = this;
    return { database, vault, ids, deviceId: device.deviceId ?? "", now: () => new Date() };
  }

  private key(): Promise<CryptoKey> {
    return readSigningKey(fromBase64(this.device.pkcs8));
  }

  /** Enrol with a code from the officer's screen and fetch what this phone carries. It is signed: so the same code is right
   * again when the first answer was lost, and a new one when the token has ended. */
  async enrol(code: string): Promise<void> {
    const { publicKey } = this.device;
    const signature = await sign(await this.key(), enrolText(code, publicKey));
    const done = await enrol({ code, public_key: publicKey, signature });
    this.isEnded = false;
    this.device = { ...this.device, token: done.token, deviceId: done.device_id };
    await putMeta(this.database, "device", await this.vault.seal(PLACE, this.device));
    if (done.group_id === null) {
      await exchangeWork(this.around, this.workOffice);
      await (await import("./work/sounds.ts")).soundsOf(this.around, done.token);
    }
    else await this.fetchPacks();
  }

  /** Tell whether what this phone carried of others was deleted after wrong entries, and not fetched since. */
  async isWorkGone(): Promise<boolean> {
    return (await getMeta(this.database, "work_gone")) === true;
  }

  /** What this phone carries of its holder's own work; null on a group's phone. */
  work(): Promise<WorkPack | null> {
    return currentWork(this.around, this.today);
  }

  /** Fetch the packs of this phone's groups; a group in the middle of a meeting keeps what it has. */
  async fetchPacks(): Promise<void> {
    if (this.device.token === null) return;
    for (const pack of await packs(this.device.token)) {
      const group = await GroupBook.open(this.around, pack.group_id);
      if (!group) await keepPack(this.around, pack);
      else {
        await group.renew(pack);
        await forgetParcels(this.around, pack.group_id, group.pack.head_seq);
        const from = group.pack.differs ? 0 : pack.head_seq;
        await recheck(this.around, officeOf(this.device.token), pack.group_id, from);
      }
    }
  }

  /** Fetch the last figures its holder reads, once a day; `again`: now. */
  async fetchFigures(again = false): Promise<void> {
    const { token } = this.device;
    const pack = await workPack(this.around);
    if (token === null || !pack) return;
    const { renewFigures } = await import("../store/figures.ts");
    await renewFigures(this.around, figuresOfficeOf(token), pack.figures === true, again);
  }

  /** Keep a pack that no office sent: the practice group's. */
  keep(pack: Parameters<typeof keepPack>[1]): Promise<void> {
    return keepPack(this.around, pack);
  }

  /** Send what is not sent, read receipts back, then fetch newer packs. */
  async exchange(again = false): Promise<void> {
    const { token } = this.device;
    if (token === null || this.isWiped) return;
    const key = await this.key();
    const run = async (): Promise<void> => {
      try {
        await deliver(this.around, key, officeOf(token), again, this.way);
        if ((await workPack(this.around)) || (await this.isWorkGone())) {
          await exchangeWork(this.around, this.workOffice, pictureOfficeOf(token));
          await (await import("./work/sounds.ts")).soundsOf(this.around, token);
        } else await this.fetchPacks();
        await this.deliverForOthers(token);
        this.isEnded = false;
        await this.fetchFigures().catch(() => undefined); // those of before stay
      } catch (fault) {
        if (!(fault instanceof Refused) || fault.status !== 401) throw fault;
        await this.sayFarewell(token, key);
      }
    };
    const locks = globalThis.navigator?.locks;
    await (locks ? locks.request("handup-outbox", run) : run());
  }

  /** Hand over what is carried for other phones; whoever may not do so keeps it. */
  private async deliverForOthers(token: string): Promise<void> {
    await deliverParcels(this.around, officeOf(token)).catch((fault: unknown) => {
      if (!(fault instanceof Refused) || fault.status !== 403) throw fault;
    });
  }

  /** The token has ended: hand in what is here by the last door. When the office asks for it, and only once all of it was
   * taken, delete everything. */
  private async sayFarewell(token: string, key: CryptoKey): Promise<void> {
    this.isEnded = true;
    let { wipe } = await farewell(token, {});
    const send = async (packets: readonly Packet[]) => {
      const done = await farewell(token, { packets });
      wipe = done.wipe;
      return done.receipts;
    };
    await deliver(this.around, key, { send, receipts: async () => [] }, wipe, this.way);
    if (!wipe) return;
    await deliverParcels(this.around, { carry: async (packets) => ((await farewell(token, { packets })), { notes: [] }) });
    await handInWork(this.around, async (facts) => (await farewell(token, { facts })).answers);
    // What was recorded here stays until it is taken; what it carries of others is not waited with.
    if (!(await isAllTaken(this.around)) || (await unsent(this.around)) || (await picturesWaiting(this.around))) return Session.dropWork(this.database);
    await this.wipe();
    await farewell(token, { is_wiped: true }).catch(() => undefined);
  }

  /** Delete all that lies here, and the program with it. */
  private async wipe(): Promise<void> {
    this.isWiped = true;
    this.database.close();
    await Promise.all([this.database.name, PRACTICE, WITNESS].map(deleteDatabase));
    if ("caches" in globalThis) await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
    const workers = await globalThis.navigator?.serviceWorker?.getRegistrations();
    await Promise.all((workers ?? []).map((worker) => worker.unregister()));
  }

  /** What the office has not taken, as files that anybody may carry to it. */
  async files(): Promise<Packet[][]> {
    return carried(this.around, await this.key());
  }

  /** Take what another phone or the office gave by file or codes; tells what there was in it. Throws NoParcel. */
  async take(text: string): Promise<{ readonly packets: number; readonly receipts: number | null; readonly lines: WitnessLines | null }> {
    const { packets = [], notes = [], lines = null } = readParcel(text);
    await keepNotes(this.around, notes);
    return { packets: await keepParcels(this.around, packets), receipts: await takeNotes(this.around, this.device.token, notes), lines };
  }

  /** What this phone gives to another, so that it carries it to the office or goes on from it: its own record and what it
   * carries of others. */
  async parcel(): Promise<Parcel> {
    const key = await this.key();
    const own = await Promise.all((await this.groupIds()).map(async (id) => copied(this.around, key, id, (await this.group(id))?.pack.head_seq ?? 0)));
    return { packets: [...own.flat(), ...(await parcels(this.around))], notes: await keptNotes(this.around) };
  }

  /** Tell whether a meeting is open in any group: its unlock lasts until it ends. */
  async isMeeting(): Promise<boolean> {
    const groups = await Promise.all((await this.groupIds()).map((id) => this.group(id)));
    return this.isWatching || groups.some((group) => group?.book.sitting);
  }

  groupIds(): Promise<string[]> {
    return this.database.getAllKeys("packs");
  }

  group(id: string): Promise<GroupBook | null> {
    return GroupBook.open(this.around, id);
  }
}
