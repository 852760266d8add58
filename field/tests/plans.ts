// Works out plans from standard input, one frozen plan a place, for the test that holds this arithmetic beside the
// office's (tests/test_field_plans.py).
import { readFileSync } from "node:fs";
import { Refusal } from "../core/money.ts";
import { evaluate, type PlanInputs } from "../plans/evaluate.ts";
import { ENGINE, flat } from "../plans/worked.ts";
import { exactJson, exactText } from "./shared.ts";

const worked = (inputs: PlanInputs): unknown => {
  try {
    const results = evaluate(inputs);
    return { results, figures: flat(results), engine: ENGINE };
  } catch (fault) {
    if (fault instanceof Refusal) return { error: fault.code };
    throw fault;
  }
};

const plans: readonly PlanInputs[] = exactJson(readFileSync(0, "utf8"));
process.stdout.write(exactText(plans.map(worked)));
