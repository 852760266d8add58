// One area taken along on a laptop: its groups, courses and persons, sealed with the rest of its holder's work and gone with it
// after the same days. How much it is, is asked before anything is fetched.
import type { Surroundings } from "./group.ts";
import { keepWork, workPack, type AreaDoor, type WorkAreaGroup, type WorkKnown, type WorkNamed, type WorkPack, type WorkSession } from "./work.ts";

export interface AreaSize {
  readonly persons: number;
  readonly groups: number;
  readonly cohorts: number;
  readonly most_persons: number;
  readonly most_groups: number;
  readonly most_cohorts: number;
  readonly fits: boolean;
}

/** An area as the office tells it. */
export interface WorkArea {
  readonly area_id: string;
  readonly name: string;
  readonly as_of: string;
  readonly groups: readonly WorkAreaGroup[];
  readonly sessions: readonly WorkSession[];
  readonly persons: readonly WorkKnown[];
}

/** The areas that may be taken along, and how many more there are. */
export const areasOf = (office: AreaDoor): Promise<{ readonly areas: readonly WorkNamed[]; readonly areas_left: number }> => office.ask("work/areas");

export const sizeOf = (office: AreaDoor, id: string): Promise<AreaSize> => office.ask(`work/areas/${id}/size`);

const areaOf = (office: AreaDoor, id: string): Promise<WorkArea> => office.ask(`work/areas/${id}`);

/** A pack with an area beside it; whoever is in both is there once, as the pack tells her. */
export function withArea(pack: WorkPack, { area_id, name, as_of, groups, sessions, persons }: WorkArea): WorkPack {
  const known = new Set((pack.persons ?? []).map((one) => one.person_id));
  const held = new Set(pack.sessions.map((one) => one.session_id));
  const [newPersons, newSessions] = [persons.filter((one) => !known.has(one.person_id)), sessions.filter((one) => !held.has(one.session_id))];
  const { area_gone: _gone, ...rest } = pack;
  return {
    ...rest,
    persons: [...(pack.persons ?? []), ...newPersons],
    sessions: [...pack.sessions, ...newSessions].sort((left, right) => (left.session_date < right.session_date ? -1 : left.session_date > right.session_date ? 1 : left.number - right.number)),
    area: { area_id, name, as_of, groups, persons: newPersons.map((one) => one.person_id), sessions: newSessions.map((one) => one.session_id) },
  };
}

/** A pack without its area, and without whoever came with it alone. */
export function withoutArea(pack: WorkPack): WorkPack {
  const { area, ...rest } = pack;
  if (!area) return pack;
  const [persons, sessions] = [new Set(area.persons), new Set(area.sessions)];
  return { ...rest, persons: (pack.persons ?? []).filter((one) => !persons.has(one.person_id)), sessions: pack.sessions.filter((one) => !sessions.has(one.session_id)) };
}

/** Take an area along, in the place of another; it lies here sealed before this returns. */
export async function takeArea(around: Surroundings, office: AreaDoor, id: string): Promise<void> {
  const area = await areaOf(office, id);
  const pack = await workPack(around);
  if (pack) await keepWork(around, withArea(withoutArea(pack), area));
}

/** Take the area off this device. What was recorded in it stays. */
export async function leaveArea(around: Surroundings): Promise<void> {
  const pack = await workPack(around);
  if (pack) await keepWork(around, withoutArea(pack));
}

/** What the office answers where it tells this area no more: not hers, gone, or grown too large. */
const NO_MORE: ReadonlySet<unknown> = new Set([403, 404, 422]);

/** A newer pack with the area that was here, or that the office chose since, fetched anew; where the office tells it no more, it
 * goes, and is said to have. */
export async function areaAgain(office: AreaDoor, pack: WorkPack, before: WorkPack | null): Promise<WorkPack> {
  const { wanted_area: wanted } = pack;
  const isNew = wanted && wanted.chosen_at !== before?.wanted_area?.chosen_at;
  const area = isNew ? { area_id: wanted.id, name: wanted.name } : before?.area;
  if (!area?.area_id) return pack;
  try {
    return withArea(pack, await areaOf(office, area.area_id));
  } catch (fault) {
    if (!(fault instanceof Error) || !NO_MORE.has((fault as { readonly status?: number }).status)) throw fault;
    return { ...pack, area_gone: area.name };
  }
}
