// The area of a laptop: chosen while there is a network, with how much it is before it is fetched; then its groups and persons
// without one.
import { areasOf, leaveArea, sizeOf, takeArea, type AreaSize } from "../../store/area.ts";
import type { TakenArea, WorkAreaGroup, WorkNamed } from "../../store/work.ts";
import type { Session } from "../session.ts";
import { day, number, t } from "../text.ts";
import { button, lines, notice, show, tiles, type Act } from "../ui.ts";
import { choose } from "../work/asking.ts";
import type { Work } from "../work/work.ts";
import { meetingPaper, print, rollPaper, type Paper } from "./papers.ts";

/** The area on this device, or the way to one. */
export function area(session: Session, work: Work): void {
  const taken = work.pack.area;
  if (!taken) return none(session, work);
  const { groups } = taken;
  const people = groups.reduce((sum, group) => sum + group.members.length, 0);
  show({
    title: taken.name,
    said: t("As of {day}", { day: day(taken.as_of) }),
    body: [
      lines([
        [t("Groups"), number(groups.length)],
        [t("Members"), number(people)],
        [t("Persons"), number(work.pack.persons?.length ?? 0)],
        [t("Sessions"), number(work.pack.sessions.length)],
      ]),
      tiles([{ mark: "☺", label: t("Groups"), note: t("Members, and sheets to be filled in by hand"), act: () => groupsOf(session, work, taken) }]),
    ],
    back: work.leave,
    actions: [button(t("Take another area along"), () => which(session, work), "plain"), button(t("Take this area off the device"), () => leave(session, work, taken), "bad")],
  });
}

function none(session: Session, work: Work): void {
  const gone = work.pack.area_gone;
  show({
    title: t("Area"),
    question: gone === undefined ? t("No area is on this device.") : t("The office tells {name} no more. It was taken off this device.", { name: gone }),
    said: t("Take one along while there is a network: its groups, courses and persons are then here without one, as long as the rest of your work."),
    back: work.leave,
    actions: button(t("Take an area along"), () => which(session, work), "main"),
  });
}

/** Which area; this asks the office. */
async function which(session: Session, work: Work): Promise<void> {
  const { areas, areas_left: left } = await areasOf(session.workOffice);
  choose({
    title: t("Area"),
    question: t("Which area?"),
    ...(left ? { said: t("{n} more are not on this list", { n: left }) } : {}),
    from: areas,
    back: () => area(session, work),
    done: (one) => weigh(session, work, one),
  });
}

const of = (n: number, most: number): string => t("{n} of {all} at most", { n, all: most });

/** How much it is, before anything is fetched. */
async function weigh(session: Session, work: Work, one: WorkNamed): Promise<void> {
  const size: AreaSize = await sizeOf(session.workOffice, one.id);
  const take = async (): Promise<void> => {
    await takeArea(session.surroundings, session.workOffice, one.id);
    await work.leave();
    notice(t("{name} is on this device.", { name: one.name }));
  };
  show({
    title: one.name,
    question: size.fits ? t("Take this area along?") : t("This is more than a device carries. Choose a smaller area."),
    body: lines([
      [t("Persons"), of(size.persons, size.most_persons)],
      [t("Groups"), of(size.groups, size.most_groups)],
      [t("Courses"), of(size.cohorts, size.most_cohorts)],
    ]),
    back: () => which(session, work),
    actions: size.fits ? button(t("Take it along"), take, "main") : button(t("Choose another"), () => which(session, work), "main"),
  });
}

function leave(session: Session, work: Work, taken: TakenArea): void {
  const go = async (): Promise<void> => {
    await leaveArea(session.surroundings);
    await work.leave();
  };
  show({
    title: taken.name,
    question: t("Take this area off the device?"),
    said: t("What you wrote down stays."),
    back: () => area(session, work),
    actions: [button(t("Take it off"), go, "bad"), button(t("No"), () => area(session, work), "plain")],
  });
}

function groupsOf(session: Session, work: Work, taken: TakenArea): void {
  choose({
    title: taken.name,
    question: t("Which group?"),
    from: taken.groups.map((group) => ({ id: group.id, name: group.name, note: number(group.members.length) })),
    back: () => area(session, work),
    done: ({ id }) => {
      const group = taken.groups.find((one) => one.id === id);
      if (group) papersOf(taken, group, () => groupsOf(session, work, taken));
    },
  });
}

/** The papers of one group of the area. */
export function papersOf(taken: TakenArea, { name, members }: WorkAreaGroup, back: Act): void {
  const again = (): void => papersOf(taken, { id: "", name, members }, back);
  const rows = members.map((one) => [number(one.member_no), one.name] as const);
  const tile = (mark: string, label: string, paper: Paper) => ({ mark, label, act: () => print(paper.title, taken.as_of, [paper], again) });
  const list: Paper = { title: `${name} · ${t("Members")}`, heads: [`#${t("Number")}`, t("Name")], rows };
  show({
    title: name,
    question: t("Which list?"),
    body: tiles([tile("▦", t("Sheet of a meeting"), meetingPaper(`${name} · ${t("Meeting")}`, rows)), tile("☑", t("Attendance"), rollPaper(name, rows)), tile("☺", t("Members"), list)]),
    back,
  });
}
