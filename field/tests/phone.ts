// A phone with one group, for tests.
import { FIRST_PREVIOUS } from "../core/chain.ts";
import { IdMaker } from "../core/ids.ts";
import { openDatabase } from "../store/db.ts";
import { GroupBook, keepPack, type Surroundings } from "../store/group.ts";
import type { Pack } from "../store/pack.ts";
import { makeVault } from "../store/vault.ts";
import { SETTINGS } from "./samples.ts";

export const GROUP = "01890a5d-ac96-774b-bcce-b302099a8057";
export const PACK: Pack = {
  group_id: GROUP,
  name: "Morning star",
  kind: "SAVINGS",
  currency: "XTS",
  has_seat: true,
  head_seq: 0,
  head_hash: FIRST_PREVIOUS,
  head_code: "000 000 000 000",
  open_meeting_id: null,
  constitution_version: 1,
  settings: SETTINGS,
  cash: { LOAN: 0, SOCIAL: 0 },
  members: [1, 2, 3].map((no) => ({ member_no: no, name: `Member ${no}`, joined_date: "2026-01-01", left_date: null, savings: 0 })),
  loans: [],
  fines: [],
};
export const KEYS = [1, 2, 3].map((no) => ({ slot: no, member_no: no }));
export const NONE = { here: 0, sent: 0, received: 0, waits: 0, aside: 0, notKept: 0, refused: 0, oldest: null };
let made = 0;

export async function phone(now = new Date(2026, 2, 2, 10, 15)): Promise<{ around: Surroundings; group: GroupBook }> {
  const { vault } = await makeVault("a secret", undefined, 10);
  const database = await openDatabase(`phone-${(made += 1)}`);
  const around = { database, vault, ids: new IdMaker(), deviceId: new IdMaker().next(), now: () => now };
  await keepPack(around, PACK);
  return { around, group: (await GroupBook.open(around, GROUP)) as GroupBook };
}

/** The beginning of a meeting: five facts. */
export async function hold(group: GroupBook): Promise<void> {
  const opening = { number: 1, held_date: "2026-03-02", keys: KEYS };
  await group.record("open_meeting", opening, { meetingId: group.around.ids.next(), held: "2026-03-02", by: 2 });
  for (const no of [1, 2, 3]) await group.record("record_attendance", { member_no: no, mark: "PRESENT" });
  await group.record("buy_shares", { member_no: 1, shares: 3, units: 1500 });
}
