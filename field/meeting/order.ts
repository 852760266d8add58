// The fourteen steps of a meeting in their order, what may be passed and gone back to, and how a meeting that stood still
// goes on (groups_meeting.md M5 and 5). The twin of src/handup/groups/rules/book_order.py.
import type { Step } from "./book.ts";
import { openWithKeys } from "./offices.ts";

export const ALL_STEPS = [
  "KEYS", "COUNT_IN", "ROLL", "MINUTES", "SOCIAL", "REPAY", "FINES", "SAVE", "SAY_FUND", "LEND", "BANK", "BUSINESS", "COUNT_OUT", "CLOSE",
] as const;
export type StepCode = (typeof ALL_STEPS)[number];

export const FIRST: readonly StepCode[] = ["KEYS", "COUNT_IN", "ROLL"];
export const LAST: readonly StepCode[] = ["COUNT_OUT", "CLOSE"];

/** Tell whether a step may be passed with a reason: all but the first three and the last two. */
export const mayPass = (step: StepCode): boolean => ALL_STEPS.includes(step) && !FIRST.includes(step) && !LAST.includes(step);

/** Tell whether a meeting may ever go back to a step: the third to the twelfth. */
export const isBehind = (step: StepCode): boolean => step === "ROLL" || mayPass(step);

/** A step is passed with its reason; of five nothing is ever passed. */
function passStep(step: Step): void {
  step.breach(mayPass(step.text("step") as StepCode), "STEP_ORDER");
}

/** The meeting goes back; after the first closing count only with a reason. */
function returnToStep(step: Step): void {
  const counted = [...step.sitting.counts.keys()].some((key) => key.startsWith("OUT "));
  step.breach(isBehind(step.text("step") as StepCode), "STEP_ORDER");
  step.breach(!counted || "reason" in step.body, "STEP_ORDER");
}

export const ORDER: Readonly<Record<string, (step: Step) => void>> = {
  pass_step: passStep,
  return_to_step: returnToStep,
  // A meeting that stood still goes on with the keys that open the box, as it was opened (M4).
  resume_meeting: openWithKeys,
};
