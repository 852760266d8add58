// Prices cans for the test that holds the phone's prices beside the office's (tests/test_field_milk.py).
import { readFileSync } from "node:fs";
import { Refusal } from "../core/money.ts";
import { amountOf, testsOf, type Can, type Terms } from "../milk/price.ts";

const told: { terms: Terms; can: Can }[] = JSON.parse(readFileSync(0, "utf8"));
const answers = told.map(({ terms, can }) => {
  try {
    return { amount: String(amountOf(can, terms)), tests: testsOf(terms) };
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    return { refused: fault.code, tests: testsOf(terms) };
  }
});
process.stdout.write(JSON.stringify(answers));
