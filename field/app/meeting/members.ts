// Choosing members: one, or several who confirm with their keys.
import { holdersOf, signs, type Key } from "../../meeting/offices.ts";
import { membersOn } from "../../meeting/steps.ts";
import type { Mark } from "../../meeting/settings.ts";
import { t } from "../text.ts";
import { button, show, tiles, type Act, type Child } from "../ui.ts";
import type { Run } from "./run.ts";

export type Confirmed = Key | { readonly member_no: number };

export const THERE: readonly Mark[] = ["PRESENT", "LATE", "REPRESENTED"];
export const VOTING: readonly Mark[] = ["PRESENT", "LATE"];

/** Members of the group on the meeting's day: of the open one, else as it is told before it opens. */
export const everybody = (run: Run, on = run.book.sitting?.held ?? run.group.today): number[] => membersOn(run.book, on);

/** Members who are here: in person, or with money sent. */
export const those = (run: Run, marks: readonly Mark[]): number[] =>
  everybody(run).filter((no) => marks.includes(run.sitting.marks.get(no) ?? "ABSENT"));

/** Choose one member. */
export function chooseMember(
  run: Run,
  told: { title: string; question: string; from: readonly number[]; note?: (no: number) => string | undefined; back?: Act; actions?: Child; done(no: number): unknown },
): void {
  show({
    title: told.title,
    question: told.question,
    body: tiles(told.from.map((no) => ({ mark: run.mark(no), label: run.who(no), note: told.note?.(no), act: () => told.done(no) }))),
    back: told.back,
    actions: told.actions,
  });
}

/** Ask key holders to confirm: as many as the constitution asks for. Only who holds a key is offered, with the slot that is
 * written down; a group that wrote no holders down yet says for itself who they are. Where holders are missing, members
 * confirm instead: without a slot, so that the office sees it. `done` gets what facts write. */
export function askKeys(run: Run, told: { title: string; question: string; on?: string; back?: Act; done(keys: Confirmed[]): unknown }): void {
  const chosen = new Set<number>();
  const needed = run.settings.keys_needed;
  const holders = holdersOf(run.book);
  const here = everybody(run, told.on);
  let offered = holders ? holders.map((key) => key.member_no).filter((no) => here.includes(no)) : here.filter((no) => run.settings.key_holder_may_be_officer || !signs(run.book, no));
  const others = here.filter((no) => !offered.includes(no));
  const keys = (): Confirmed[] =>
    holders ? [...holders.filter((key) => chosen.has(key.member_no)), ...others.filter((no) => chosen.has(no)).map((no) => ({ member_no: no }))] : [...chosen].slice(0, run.settings.keys_held).map((no, place) => ({ slot: place + 1, member_no: no }));
  const instead = (): void => {
    offered = here;
    draw();
  };
  const draw = (): void =>
    show({
      title: told.title,
      question: told.question,
      said: t("{n} of {all} key holders have confirmed.", { n: chosen.size, all: needed }),
      body: tiles(
        offered.map((no) => ({
          mark: run.mark(no),
          label: run.who(no),
          note: holders && others.includes(no) ? t("holds no key") : undefined,
          on: chosen.has(no),
          act: () => {
            if (!chosen.delete(no)) chosen.add(no);
            draw();
          },
        })),
      ),
      back: told.back,
      actions: [
        button(t("Go on"), () => told.done(keys()), chosen.size >= needed ? "main" : "bad"),
        holders && offered.length < here.length && button(t("A key holder is not here"), instead, "quiet"),
      ],
    });
  draw();
}
