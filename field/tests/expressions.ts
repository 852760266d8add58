// Reads expressions from standard input and says what each gives, for the test that holds this evaluator beside the
// server's (tests/test_field_forms.py).
import { readFileSync } from "node:fs";
import { looked } from "./forms.ts";

const expressions: readonly string[] = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(expressions.map(looked)));
