// The app's texts: found in its files, translated out of gettext catalogues, and every {name} in them kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { learnWork, speak, speaksOfWork, t } from "../app/text.ts";
// @ts-expect-error a build script without types
import { apart, catalogues, messagesOf, texts } from "../texts.mjs";

test("texts are found in the app's files, and a catalogue is read as gettext writes it", () => {
  const said: Set<string> = texts(process.cwd());
  assert.ok(said.size > 150, `${said.size} texts`);
  assert.ok(said.has("Who came?") && said.has("{n} of {all} are here."));
  const po = '# head\nmsgid ""\nmsgstr "x"\n\n#: a.ts\n#, fuzzy\nmsgid "Who came?"\nmsgstr "Хэн "\n"ирсэн бэ?"\n\nmsgctxt "x"\nmsgid "Keys"\nmsgstr "no"\n\nmsgid "Open"\nmsgstr ""\n';
  assert.deepEqual(messagesOf(po), { "Who came?": "Хэн ирсэн бэ?" });
});

test("a translation keeps the names its text has", () => {
  for (const [code, table] of Object.entries<Record<string, string>>(catalogues(process.cwd()))) {
    for (const [english, said] of Object.entries(table)) {
      const names = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
      assert.deepEqual(names(said), names(english), `${code}: ${english}`);
    }
  }
});

test("what only an officer's own work says stands in a catalogue of its own, and none is lost", () => {
  const table = { "Who came?": "1", "Which settlement?": "2", "Go on": "3" };
  const [all, work] = apart(process.cwd(), table);
  assert.deepEqual([all, work], [{ "Who came?": "1", "Go on": "3" }, { "Which settlement?": "2" }]);
  speak("fr", all);
  assert.deepEqual([t("Which settlement?"), speaksOfWork()], ["Which settlement?", false]);
  learnWork(work);
  assert.deepEqual([t("Which settlement?"), t("Go on"), speaksOfWork()], ["2", "3", true]);
  speak("fr", all);
  assert.equal(speaksOfWork(), false, "another language begins without them");
  speak("en", {});
});

test("a text is its own key, and numbers are written as the language does", () => {
  speak("fr", { "{n} of {all} are here.": "{n} présents sur {all}." });
  assert.equal(t("{n} of {all} are here.", { n: 12000, all: 3 }), `${new Intl.NumberFormat("fr").format(12000)} présents sur 3.`);
  assert.equal(t("Who came?"), "Who came?");
  speak("en", {});
});
