// Runs the unit tests with Node's own runner: each file of tests/ is bundled by esbuild first, as browsers get it.
// `node test.mjs`: all; `node test.mjs core`: those whose name begins so; `node test.mjs --run agree`: one program of
// tests/, which reads and writes as it likes.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const isProgram = process.argv[2] === "--run";
const wanted = process.argv.slice(isProgram ? 3 : 2);
const files = readdirSync(join(here, "tests")).filter((name) =>
  isProgram ? name === `${wanted[0]}.ts` : name.endsWith(".test.ts") && (wanted.length === 0 || wanted.some((start) => name.startsWith(start))),
);
const out = mkdtempSync(join(here, "node_modules", ".tests-"));
try {
  await esbuild.build({
    entryPoints: files.map((name) => join(here, "tests", name)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["fake-indexeddb", "jsdom", "@getodk/xforms-engine"],
    sourcemap: "inline",
    logLevel: "warning",
  });
  const built = readdirSync(out).filter((name) => name.endsWith(".mjs")).map((name) => join(out, name));
  const words = isProgram ? built : ["--enable-source-maps", "--test", "--test-reporter", process.stdout.isTTY ? "spec" : "dot", ...built];
  const done = spawnSync(process.execPath, words, { stdio: "inherit", cwd: here });
  process.exitCode = done.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
