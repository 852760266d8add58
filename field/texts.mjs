// The app's texts: what t("…") says in its files, and their translations out of the project's gettext catalogues, so that
// one translation run covers staff pages and app alike (tools/messages.py reads the same files).
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SAID = /\bt\(\s*("(?:[^"\\]|\\.)*")/g;

/** Every text of the app; `isOf`: of those files alone. */
export function texts(folder, isOf = () => true) {
  const found = new Set();
  for (const name of readdirSync(join(folder, "app"), { recursive: true })) {
    if (!String(name).endsWith(".ts") || !isOf(String(name))) continue;
    for (const [, said] of readFileSync(join(folder, "app", String(name)), "utf8").matchAll(SAID)) found.add(JSON.parse(said));
  }
  return found;
}

/** A table of texts in two: what every phone needs, and what only the screens of an officer's own work say, and sheets and
 * papers (`app/work/`, `app/sheets/`). */
export function apart(folder, table) {
  const isWork = (name) => /^(?:work|sheets)[\\/]/.test(name);
  const elsewhere = texts(folder, (name) => !isWork(name));
  const of = (wanted) => Object.fromEntries(Object.entries(table).filter(([text]) => elsewhere.has(text) === wanted));
  return [of(true), of(false)];
}

/** The plain messages of a gettext catalogue, without context or plural. */
export function messagesOf(po) {
  const found = {};
  for (const block of po.split(/\n\s*\n/)) {
    if (/^msgctxt|^msgid_plural/m.test(block) || /^#~/m.test(block)) continue;
    const part = (name) => {
      const lines = new RegExp(`^${name} ((?:".*"\\n?)+)`, "m").exec(block)?.[1] ?? "";
      return lines.split("\n").filter(Boolean).map((line) => JSON.parse(line)).join("");
    };
    if (part("msgid") && part("msgstr")) found[part("msgid")] = part("msgstr");
  }
  return found;
}

/** A table of the app's texts for each language that has a catalogue. */
export function catalogues(folder) {
  const locale = join(folder, "..", "src", "handup", "locale");
  const wanted = texts(folder);
  const tables = {};
  for (const code of existsSync(locale) ? readdirSync(locale).sort() : []) {
    const path = join(locale, code, "LC_MESSAGES", "django.po");
    if (!existsSync(path)) continue;
    const all = messagesOf(readFileSync(path, "utf8"));
    tables[code] = Object.fromEntries([...wanted].sort().filter((text) => all[text]).map((text) => [text, all[text]]));
  }
  return tables;
}
