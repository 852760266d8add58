// What the press that opens the box does for the first time takes a slow phone twice as long as the second time: its code is
// read, the seal and the tables are woken. So it is done once before, while whoever holds the phone reads the questions before
// it; nothing of it is kept.
import { chainHash, digest } from "../../core/chain.ts";
import { instantOf, type Fact } from "../../core/fact.ts";
import type { Json } from "../../core/canonical.ts";
import { holdersOf } from "../../meeting/offices.ts";
import { take } from "../../meeting/take.ts";
import type { GroupBook } from "../../store/group.ts";
import { idle } from "../home.ts";

const NOTHING = "rehearsal";
const done = new WeakSet<GroupBook>();

/** Open a meeting that nobody writes down, piece by piece, each when the phone has nothing else to do. */
export async function rehearse(group: GroupBook): Promise<void> {
  if (group.book.sitting || done.has(group)) return;
  done.add(group);
  const { around, book, pack, today, tip } = group;
  const keys = holdersOf(book) ?? pack.members.slice(0, 1).map(({ member_no }) => ({ slot: 1, member_no }));
  const fact: Fact = {
    id: pack.group_id,
    name: "open_meeting",
    group_id: pack.group_id,
    stream: "MEETING",
    meeting_id: pack.group_id,
    device_id: around.deviceId,
    recorded_by: 1,
    happened_date: today,
    recorded_at: instantOf(around.now()),
    currency: pack.currency,
    constitution_version: pack.constitution_version,
    body: { number: group.nextNumber, held_date: today, keys: keys.map((key) => ({ ...key })) },
  };
  await idle();
  take(book, fact);
  await idle();
  await Promise.all([around.vault.seal(NOTHING, fact), digest({ ...fact } as Json).then((content) => chainHash(tip.hash, content))]);
  await idle();
  const step = around.database.transaction(["facts", "meta", "places"], "readwrite", { durability: "strict" });
  await Promise.all([step.objectStore("places").delete(NOTHING), step.done]);
}
