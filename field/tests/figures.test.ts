// The last figures on a phone: kept with the moment they came, fetched once a day, gone when their holder reads figures no more.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { keptFigures, renewFigures, type CarriedFigures, type FiguresOffice } from "../store/figures.ts";
import type { Surroundings } from "../store/group.ts";
import { phone } from "./phone.ts";

const told = (value: string, worked_out: string): CarriedFigures => ({
  worked_out,
  programmes: [{ code: "MED", title: "Small enterprises", as_of: "2026-02-28", figures: [{ code: "MED-OUT-01", name: "Persons reached", value, unit: "persons", counts: "", interval: "", how: "distinct persons", stale_since: null }] }],
  programmes_left: 0,
});

/** An office that is asked now and again. */
function office(...answers: CarriedFigures[]): FiguresOffice & { asked: number } {
  return {
    asked: 0,
    async figures() {
      this.asked += 1;
      const next = answers.shift();
      if (!next) throw new Error("no network");
      return next;
    },
  };
}

const on = (around: Surroundings, day: number, hour = 10): Surroundings => ({ ...around, now: () => new Date(2026, 2, day, hour) });

test("figures are fetched once a day, and again when they are asked for", async () => {
  const { around } = await phone();
  assert.equal(await keptFigures(around), null);
  const open = office(told("12", "2026-03-02"), told("13", "2026-03-02"), told("14", "2026-03-03"));
  await renewFigures(on(around, 2, 8), open, true, false);
  await renewFigures(on(around, 2, 18), open, true, false);
  assert.deepEqual([open.asked, (await keptFigures(around))?.programmes[0]?.figures[0]?.value], [1, "12"]);
  await renewFigures(on(around, 2, 19), open, true, true);
  assert.deepEqual([open.asked, (await keptFigures(around))?.programmes[0]?.figures[0]?.value], [2, "13"]);
  await renewFigures(on(around, 3), open, true, false);
  assert.equal((await keptFigures(around))?.programmes[0]?.figures[0]?.value, "14");
});

test("without a network those of before stay, with the moment they came", async () => {
  const { around } = await phone();
  await renewFigures(on(around, 2, 8), office(told("12", "2026-03-02")), true, false);
  await assert.rejects(renewFigures(on(around, 9), office(), true, true), /no network/);
  const kept = await keptFigures(around);
  assert.deepEqual([kept?.programmes[0]?.as_of, kept?.worked_out, new Date(kept?.fetched_at ?? "").getTime()], ["2026-02-28", "2026-03-02", new Date(2026, 2, 2, 8).getTime()]);
});

test("nothing of them lies open, and whoever reads figures no more keeps none", async () => {
  const { around } = await phone();
  const open = office(told("12", "2026-03-02"));
  await renewFigures(around, open, true, false);
  assert.doesNotMatch(JSON.stringify(await around.database.get("meta", "figures")), /Persons reached|MED/);
  await renewFigures(around, open, false, false);
  assert.deepEqual([open.asked, await keptFigures(around)], [1, null]);
});
