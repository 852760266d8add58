// Cuts and puts together what the server's tests tell: a list of {text} or {codes}.
import { readFileSync } from "node:fs";
import { cut, Gathering } from "../core/series.ts";

const told: { text?: string; codes?: string[] }[] = JSON.parse(readFileSync(0, "utf8"));
const answers = [];
for (const { text, codes } of told) {
  if (text !== undefined) answers.push(await cut(text));
  else {
    const gathering = new Gathering();
    for (const code of codes ?? []) gathering.add(code);
    answers.push(await gathering.whole().catch(() => "NOT A SERIES"));
  }
}
process.stdout.write(JSON.stringify(answers));
