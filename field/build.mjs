// Builds the offline app into src/handup/static/dist/field: the shell, its parts (each loaded when needed), a catalogue
// for each language and another of an officer's own work, the page, and the service worker that keeps them all. Files bear their content's hash. The build
// fails when the shell or a part outgrows its budget (issue 6; ruling 33).
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import esbuild from "esbuild";
import { apart, catalogues } from "./texts.mjs";

const SHELL_MOST = 60_000;
const PART_MOST = 25_000;
const TARGET = ["chrome87", "firefox90", "safari15"];
const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "src", "handup", "static", "dist", "field");
const PUBLIC = "/static/dist/field/";

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 12);
const sizes = new Map();

function put(name, content) {
  const bytes = Buffer.from(content);
  const gz = gzipSync(bytes, { level: 9 });
  writeFileSync(join(out, name), bytes);
  writeFileSync(join(out, `${name}.gz`), gz);
  writeFileSync(join(out, `${name}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  sizes.set(name, gz.length);
  return name;
}

const putHashed = (name, content) => put(name.replace(/(\.[a-z]+)$/, `.${hashOf(content)}$1`), content);

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const words = {};
const workWords = {};
for (const [code, table] of Object.entries(catalogues(here))) {
  const [all, work] = apart(here, table);
  words[code] = PUBLIC + putHashed(`words-${code}.json`, JSON.stringify(all));
  workWords[code] = PUBLIC + putHashed(`work-${code}.json`, JSON.stringify(work));
}

const styled = (name) => esbuild.transformSync(readFileSync(join(here, "app", name)), { loader: "css", minify: true, target: TARGET }).code;
const wide = putHashed("wide.css", styled("sheets/wide.css"));

const built = await esbuild.build({
  entryPoints: [join(here, "app", "main.ts")],
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: TARGET,
  outdir: out,
  entryNames: "[name].[hash]",
  chunkNames: "[name].[hash]",
  define: { CATALOGUES: JSON.stringify(words), WORK_CATALOGUES: JSON.stringify(workWords), WIDE_STYLE: JSON.stringify(PUBLIC + wide) },
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
});
for (const file of built.outputFiles) put(file.path.split(/[\\/]/).pop(), file.contents);

// What a chunk needs at once: itself and all it imports by a plain import.
const { outputs } = built.metafile;
const short = (path) => path.split("/").pop();
function atOnce(path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const item of outputs[path].imports) if (item.kind === "import-statement") atOnce(item.path, found);
  return found;
}
const entry = Object.keys(outputs).find((path) => outputs[path].entryPoint?.endsWith("app/main.ts"));
const shell = atOnce(entry);
const parts = Object.keys(outputs).filter((path) => outputs[path].entryPoint && path !== entry);

const style = putHashed("field.css", styled("style.css"));
const icon = putHashed("handup.svg", readFileSync(join(here, "..", "frontend", "handup.svg")));
const page = readFileSync(join(here, "app", "index.html"), "utf8")
  .replace("%STYLE%", PUBLIC + style)
  .replace("%ICON%", PUBLIC + icon)
  .replace("%SCRIPT%", PUBLIC + short(entry));
const manifest = JSON.stringify({
  id: "/field/",
  name: "Handup",
  short_name: "Handup",
  start_url: "/field/",
  scope: "/field/",
  display: "standalone",
  background_color: "#fbfaf6",
  theme_color: "#1f3a34",
  icons: [{ src: PUBLIC + icon, sizes: "any", type: "image/svg+xml", purpose: "any" }],
});

const files = readdirSync(out).filter((name) => !/\.(gz|br)$/.test(name)).sort();
const worker = await esbuild.build({
  entryPoints: [join(here, "worker", "worker.ts")],
  bundle: true,
  minify: true,
  format: "iife",
  target: TARGET,
  define: {
    VERSION: JSON.stringify(hashOf([page, ...files].join("\n"))),
    FILES: JSON.stringify(files.map((name) => PUBLIC + name)),
  },
  write: false,
  logLevel: "warning",
});
put("index.html", page);
put("app.webmanifest", manifest);
put("worker.js", worker.outputFiles[0].contents);

const sum = (names) => [...names].reduce((all, name) => all + sizes.get(name), 0);
const line = (name, size, most) => `${name.padEnd(22)} ${(size / 1000).toFixed(1).padStart(6)} kB gzipped of ${most / 1000}`;
const shellSize = sum([...shell].map(short)) + sum([style, icon, "index.html", "app.webmanifest", "worker.js"]) + Math.max(...Object.values(words).map((path) => sizes.get(short(path))), 0);
const report = [["shell", shellSize, SHELL_MOST]];
for (const part of parts) {
  const own = [...atOnce(part)].filter((path) => !shell.has(path)).map(short);
  report.push([`part ${outputs[part].entryPoint.replace(/^.*app\//, "")}`, sum(own), PART_MOST]);
}
for (const row of report) console.log(line(...row));
const over = report.filter(([, size, most]) => size > most);
if (over.length) {
  console.error(`Too large: ${over.map(([name]) => name).join(", ")}`);
  process.exitCode = 1;
}
writeFileSync(join(out, "sizes.json"), JSON.stringify(Object.fromEntries(report.map(([name, size]) => [name, size]))));
