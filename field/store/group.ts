// A group on this phone: its pack, the facts recorded here, the book both give. A fact counts as recorded only after it
// was written down durably; whatever is shown as recorded survives the end of the program.
import type { Json } from "../core/canonical.ts";
import { chainHash, closingCode, digest } from "../core/chain.ts";
import { composed, dayOf, instantOf, type Body, type Fact, type Linked } from "../core/fact.ts";
import type { IdMaker } from "../core/ids.ts";
import type { Book } from "../meeting/book.ts";
import type { Form, StepCode } from "../meeting/steps.ts";
import { replay, take, type Taken } from "../meeting/take.ts";
import { factRows, type Database, type FactRow, type PlaceRow } from "./db.ts";
import { bookOf, type Pack } from "./pack.ts";
import type { Sealed, Vault } from "./vault.ts";
import { draftOf, keepDraft } from "./work.ts";

export class NotRecorded extends Error {
  constructor(readonly taken: Taken) {
    super(taken.wrong?.message ?? taken.breaches.join(", "));
  }
}

export interface Surroundings {
  readonly database: Database;
  readonly vault: Vault;
  readonly ids: IdMaker;
  readonly deviceId: string;
  readonly now: () => Date;
}

/** What is said beside the body of a fact. `waived`: rules it breaks were told to the group, and it happened all the same.
 * `at`: how far the walk of this step has come with it, kept in the same stroke; `form`: of the meeting that it opens,
 * likewise. */
export interface Told {
  readonly meetingId?: string;
  readonly held?: string;
  readonly by?: number;
  readonly waived?: boolean;
  readonly at?: number;
  readonly form?: Form;
}

/** After so long without a fact an open meeting is interrupted: it goes on with its keys (groups_meeting.md 5). */
const STANDS_STILL = 24 * 3_600_000;

const factPlace = (groupId: string, seq: number): string => `facts/${groupId}/${seq}`;
const packPlace = (groupId: string): string => `packs/${groupId}`;

/** Keep a pack, sealed. */
export async function keepPack(around: Surroundings, pack: Pack): Promise<void> {
  const sealed = await around.vault.seal(packPlace(pack.group_id), pack);
  await around.database.put("packs", { group_id: pack.group_id, fetched_at: instantOf(around.now()), sealed });
}

/** The facts of some rows, opened. */
export function openFacts(around: Pick<Surroundings, "vault">, rows: readonly FactRow[]): Promise<Linked[]> {
  return Promise.all(
    rows.map(async (row) => {
      const fact = await around.vault.open<Fact>(factPlace(row.group_id, row.seq), row.sealed);
      return { fact, seq: row.seq, prev: row.prev, chain: row.chain };
    }),
  );
}

async function ofMembers(around: Surroundings, what: OfMember, groupId: string): Promise<Map<number, string>> {
  const told = await draftOf<Readonly<Record<string, string>>>(around, `${what}-${groupId}`);
  return new Map(Object.entries(told).map(([no, text]) => [Number(no), text]));
}

const sealFact = ({ vault }: Pick<Surroundings, "vault">, fact: Fact, seq: number): Promise<Sealed> => vault.seal(factPlace(fact.group_id, seq), fact);

/** A fact as it lies in the tables. */
export async function rowOf(around: Pick<Surroundings, "vault">, { fact, seq, prev, chain }: Linked, sealing = sealFact(around, fact, seq)): Promise<FactRow> {
  const sealed = await sealing;
  return { group_id: fact.group_id, seq, id: fact.id, meeting_id: fact.meeting_id ?? null, recorded_at: fact.recorded_at, prev, chain, sealed };
}

/** What this phone keeps of each member beside the record: the picture by which she is found, and how she wants a receipt. */
type OfMember = "pictures" | "receipts";

export class GroupBook {
  /** By member number. */
  pictures: ReadonlyMap<number, string> = new Map();
  receiptWays: ReadonlyMap<number, string> = new Map();
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly around: Surroundings,
    public pack: Pack,
    public links: Linked[],
    public book: Book,
    public place: PlaceRow | null,
  ) {}

  /** Open a group from what lies on the phone; null when the phone carries no such group. */
  static async open(around: Surroundings, groupId: string): Promise<GroupBook | null> {
    const row = await around.database.get("packs", groupId);
    if (!row) return null;
    const pack = await around.vault.open<Pack>(packPlace(groupId), row.sealed);
    const links = await openFacts(around, await factRows(around.database, groupId));
    const place = (await around.database.get("places", groupId)) ?? null;
    const group = new GroupBook(around, pack, links, GroupBook.read(pack, links), place);
    [group.pictures, group.receiptWays] = [await ofMembers(around, "pictures", groupId), await ofMembers(around, "receipts", groupId)];
    return group;
  }

  /** Keep something of a member on this phone; an empty text takes it off. */
  async keepOfMember(what: OfMember, no: number, text: string): Promise<void> {
    const now = new Map(what === "pictures" ? this.pictures : this.receiptWays);
    if (text) now.set(no, text);
    else now.delete(no);
    await keepDraft(this.around, `${what}-${this.pack.group_id}`, Object.fromEntries(now));
    if (what === "pictures") this.pictures = now;
    else this.receiptWays = now;
  }

  private static read(pack: Pack, links: readonly Linked[]): Book {
    const before = new Map(links.map((link) => [link.fact.id, link.fact]));
    const reversed = new Set(links.filter((link) => link.seq <= pack.head_seq && link.fact.name === "reverse_fact").map((link) => link.fact.body["fact_id"]));
    const base = bookOf(pack, (id) => {
      const fact = before.get(id);
      return fact ? { fact, isReversed: reversed.has(id) } : null;
    });
    return replay(base, links.filter((link) => link.seq > pack.head_seq).map((link) => link.fact));
  }

  /** The end of the stream as this phone has it. */
  get tip(): { seq: number; hash: string } {
    const last = this.links[this.links.length - 1];
    return last && last.seq > this.pack.head_seq ? { seq: last.seq, hash: last.chain } : { seq: this.pack.head_seq, hash: this.pack.head_hash };
  }

  /** The hash of the last closing: of this phone's facts, else of where the office stands. */
  get lastHash(): string {
    const closed = this.links.filter((link) => link.fact.name === "close_meeting" && link.seq > this.pack.head_seq);
    return closed[closed.length - 1]?.chain ?? this.pack.closed_hash ?? this.pack.head_hash;
  }

  /** The code of the last closing, in digits. */
  get lastCode(): string {
    return closingCode(this.lastHash);
  }

  /** The number of the meeting that comes next. */
  get nextNumber(): number {
    const opened = this.links.filter((link) => link.seq > this.pack.head_seq && link.fact.name === "open_meeting").length;
    return (this.pack.next_number ?? 1) + opened;
  }

  get today(): string {
    return dayOf(this.around.now());
  }

  /** Facts of the open meeting, oldest first. */
  get ofMeeting(): Fact[] {
    const id = this.book.sitting?.id;
    return id === undefined ? [] : this.links.filter((link) => link.fact.meeting_id === id).map((link) => link.fact);
  }

  /** Since when the open meeting stands still: no fact of it for a day. Null where none is open, or it goes on. */
  get stoodSince(): string | null {
    const last = this.ofMeeting.at(-1)?.recorded_at;
    return last !== undefined && this.around.now().getTime() - Date.parse(last) >= STANDS_STILL ? last : null;
  }

  name(memberNo: number): string {
    return this.pack.members.find((member) => member.member_no === memberNo)?.name ?? `#${memberNo}`;
  }

  /** Take a newer pack from the office, unless a meeting is open here or facts behind it would lose their place. Whether
   * this phone has the seat is taken always, and whether the office keeps another record than the one here. */
  async renew(pack: Pack): Promise<boolean> {
    const known = this.links.find((link) => link.seq === pack.head_seq);
    const base = this.pack.head_seq === pack.head_seq ? this.pack.head_hash === pack.head_hash : this.tip.seq <= pack.head_seq;
    const follows = known ? known.chain === pack.head_hash : base;
    if (follows && !this.book.sitting && !pack.open_meeting_id) {
      await this.hold(pack);
      this.book = GroupBook.read(pack, this.links);
      return true;
    }
    if (pack.has_seat !== this.pack.has_seat || follows === Boolean(this.pack.differs)) {
      await this.hold({ ...this.pack, has_seat: pack.has_seat, differs: !follows });
    }
    return false;
  }

  /** Put facts behind the end of a new book that has none: a copy of what another has. */
  async begin(links: readonly Linked[]): Promise<void> {
    for (const link of links) await this.around.database.put("facts", await rowOf(this.around, link));
    this.links = [...links];
  }

  /** From now on this phone writes the meetings: the other is lost, and the keys confirmed that its record is the one of the
   * last slip. The office hears of it by this fact; until then a phone that has the record goes on. */
  async takeOver(source: "COPY" | "SERVER", keys: readonly { readonly member_no: number }[]): Promise<void> {
    await this.record("restore_group", { source, code: closingCode(this.tip.hash), keys: keys.map((key) => ({ ...key })) } as Body, { by: keys[0]?.member_no ?? this.recorder });
    await this.hold({ ...this.pack, has_seat: true });
  }

  private async hold(pack: Pack): Promise<void> {
    await keepPack(this.around, pack);
    this.pack = pack;
  }

  /** Tell whether this phone may begin a meeting: it has the seat, and its record is the one the office keeps. */
  get mayBegin(): boolean {
    return this.pack.has_seat && !this.pack.differs;
  }

  /** Record one fact of the open meeting (or one that opens it), written down before this returns. A fact that cannot
   * stand, or breaks a rule that was not waived, is not recorded. Throws NotRecorded. */
  record(name: string, body: Body, told: Told = {}): Promise<Taken> {
    const run = this.queue.then(() => this.write(name, body, told));
    this.queue = run.catch(() => undefined);
    return run;
  }

  private async write(name: string, body: Body, told: Told): Promise<Taken> {
    const { around, pack } = this;
    const meetingId = told.meetingId ?? this.book.sitting?.id;
    const fact: Fact = {
      id: around.ids.next(),
      name,
      group_id: pack.group_id,
      stream: "MEETING",
      ...(meetingId === undefined ? {} : { meeting_id: meetingId }),
      device_id: around.deviceId,
      recorded_by: told.by ?? this.recorder,
      happened_date: told.held ?? this.book.sitting?.held ?? this.today,
      recorded_at: instantOf(around.now()),
      currency: pack.currency,
      constitution_version: pack.constitution_version,
      body: composed(body as Json) as Body,
    };
    const taken = take(this.book, fact);
    if (taken.wrong || (taken.breaches.length && !told.waived)) throw new NotRecorded(taken);
    const { seq, hash: prev } = this.tip;
    // It is sealed while its hash is worked out: whoever pressed waits for both.
    const sealing = sealFact(around, fact, seq + 1);
    const link: Linked = { fact, seq: seq + 1, prev, chain: await chainHash(prev, await digest({ ...fact } as Json)) };
    const place = this.placeAfter(told, meetingId);
    await this.keep(await rowOf(around, link, sealing), place);
    this.links.push(link);
    if (place) this.place = place;
    this.book = taken.book;
    return taken;
  }

  /** Where the meeting stands on the screen once a fact is written down; null: where it stood. */
  private placeAfter({ form, at }: Told, meetingId: string | undefined): PlaceRow | null {
    if (form !== undefined && meetingId !== undefined) return { group_id: this.pack.group_id, meeting_id: meetingId, form, step: "KEYS", at: 0 };
    return at === undefined || !this.place ? null : { ...this.place, at };
  }

  private async keep(row: FactRow, place: PlaceRow | null): Promise<void> {
    const { database } = this.around;
    const step = database.transaction(["facts", "meta", "places"], "readwrite", { durability: "strict" });
    await Promise.all([
      step.objectStore("facts").add(row),
      step.objectStore("meta").put(row.id, "last_id"),
      place && step.objectStore("places").put(place),
      step.done,
    ]);
  }

  /** Who writes: the member chosen as recorder when the meeting was opened. */
  private get recorder(): number {
    return this.ofMeeting[0]?.recorded_by ?? this.pack.members[0]?.member_no ?? 1;
  }

  /** Remember where a meeting stands on the screen. */
  async move(form: Form, step: StepCode, at = 0, meetingId = this.book.sitting?.id ?? ""): Promise<void> {
    this.place = { group_id: this.pack.group_id, meeting_id: meetingId, form, step, at };
    await this.around.database.put("places", this.place);
  }
}
