// Fills whole forms as told on standard input and says what stands then, for the test that holds this evaluator beside
// the server's (tests/test_field_forms.py).
import { readFileSync } from "node:fs";
import { fromKept, leaves, placeOf, toKept, toXml } from "../forms/answers.ts";
import { loadForm, type ToldForm } from "../forms/form.ts";
import { Look, stepsOf } from "../forms/look.ts";

interface Told {
  readonly form: ToldForm;
  readonly answers: readonly unknown[];
  readonly now: string;
}

function filled(form: ReturnType<typeof loadForm>, answers: unknown, now: string) {
  const root = fromKept(form, answers);
  const look = new Look(form, root, { now, language: Object.keys(form.languages).at(-1) ?? "" });
  look.settle();
  const steps = stepsOf(form, new Set());
  const asked = steps.flatMap((step) => look.shown(step.fields));
  const shown = asked.map(({ field, node, place }) => [place, look.say(field.label, node), look.faultsAt(field, node), field.choices ? look.offered(field.choices, node) : []]);
  const growing = steps.flatMap((step) => look.growing(step.fields)).map(({ place }) => place);
  const settled = toKept(form.root, root);
  const dropped = look.prepare();
  return { shown, growing, settled, dropped, sent: toKept(form.root, root), places: [...leaves(form.root, root)].map(([field, node]) => placeOf(field, node, form)), xml: toXml(form, root, "uuid:x") };
}

const told: readonly Told[] = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(
  JSON.stringify(
    told.map(({ form, answers, now }) => {
      const loaded = loadForm(form);
      return answers.map((one) => filled(loaded, one, now));
    }),
  ),
);
