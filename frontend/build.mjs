// Builds what the staff web app sends to the browser: one style sheet (left-to-right and right-to-left), one script,
// the drawings of the icons, and the small pictures of the kit's CSS as files (the content policy allows no data: images).
// Everything lands in src/handup/static/dist: each file under a name with its content's hash (kept by browsers for
// ever), beside its .gz and .br forms, and named.json, which leads from the plain name to the hashed one.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import esbuild from "esbuild";
import { PurgeCSS } from "purgecss";
import rtlcss from "rtlcss";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "..", "src", "handup");
const out = join(source, "static", "dist");

function filesUnder(folder, endings) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .filter((path) => !relative(source, path).startsWith(join("static", "dist")))
    .filter((path) => statSync(path).isFile());
}

const compile = (name) =>
  sass.compile(join(here, "style", name), {
    loadPaths: [join(here, "node_modules")],
    style: "expanded",
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  }).css;

// Only the rules of the kit that a template or a page's code names are kept; the house's own layer is kept whole.
async function kit() {
  const [purged] = await new PurgeCSS().purge({
    content: [...filesUnder(source, [".html", ".py"]), ...filesUnder(join(here, "script"), [".js"])],
    css: [{ raw: compile("kit.scss") }],
    safelist: { standard: ["html", "body", "is-invalid"] },
    variables: true,
  });
  return purged.css;
}

function picturesAsFiles(css) {
  return css.replace(/url\((["']?)data:image\/svg\+xml,(.*?)\1\)/g, (_whole, _quote, encoded) => {
    const svg = decodeURIComponent(encoded.replaceAll("\\'", "'"));
    const name = `part.${hashOf(svg)}.svg`;
    writeFileSync(join(out, "img", name), svg);
    return `url(img/${name})`;
  });
}

const minified = (css) => esbuild.transformSync(css, { loader: "css", minify: true, target: ["chrome100", "firefox100", "safari15"] }).code;

// The icons the frame names in icons.txt and those a template or a page's code names: `{% icon "cash" %}`, icon="cash".
function iconNames() {
  const names = new Set(readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean));
  for (const path of filesUnder(source, [".html", ".py"])) {
    for (const [, name] of readFileSync(path, "utf8").matchAll(/(?:{% icon |icon=)["']([a-z0-9-]+)["']/g)) names.add(name);
  }
  return [...names].sort();
}

function icons() {
  const drawings = {};
  for (const name of iconNames()) {
    const path = join(here, "node_modules", "@tabler", "icons", "icons", "outline", `${name}.svg`);
    if (!existsSync(path)) {
      console.warn(`There is no icon called ${name}.`);
      continue;
    }
    const svg = readFileSync(path, "utf8");
    drawings[name] = svg
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace("</svg>", "")
      .replace(/\s+/g, " ")
      .replace(/ \/>/g, "/>")
      .trim();
  }
  writeFileSync(join(out, "icons.json"), JSON.stringify(drawings));
}

// Fonts of what is printed (certificates, reports): the typesetter reads them here; no page loads them.
function fonts() {
  const to = join(out, "fonts");
  mkdirSync(to, { recursive: true });
  for (const [family, file] of [["noto-sans", "NotoSans"], ["noto-sans-armenian", "NotoSansArmenian"], ["noto-sans-arabic", "NotoSansArabic"]]) {
    for (const weight of ["400Regular", "700Bold"]) {
      const name = `${file}_${weight}.ttf`;
      copyFileSync(join(here, "node_modules", "@expo-google-fonts", family, weight, name), join(to, name));
    }
  }
}

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 12);
const named = {};

function put(name, content) {
  const bytes = Buffer.from(content);
  const hashed = name.replace(/(\.[a-z]+)$/, `.${hashOf(bytes)}$1`);
  const path = join(out, hashed);
  writeFileSync(path, bytes);
  const gz = gzipSync(bytes, { level: 9 });
  writeFileSync(`${path}.gz`, gz);
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  named[name] = hashed;
  console.log(`${name.padEnd(16)} ${(bytes.length / 1000).toFixed(1).padStart(7)} kB, ${(gz.length / 1000).toFixed(1)} kB gzipped`);
  return gz.length;
}

const SURVEY_MOST = 25_000;

async function script(name, from = join(here, "script", name)) {
  const built = await esbuild.build({
    entryPoints: [from],
    bundle: true,
    minify: true,
    target: ["chrome100", "firefox100", "safari15"],
    format: "iife",
    legalComments: "none",
    write: false,
    logLevel: "warning",
  });
  return put(name, built.outputFiles[0].contents);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "img"), { recursive: true });
const css = picturesAsFiles(`${await kit()}\n${compile("house.scss")}`);
put("house.css", minified(css));
put("house.rtl.css", minified(rtlcss.process(css)));
await script("house.js");
await script("passkeys.js");
// The page that asks a questionnaire runs the same code as the field app (issue 5).
if ((await script("survey.js", join(here, "..", "field", "forms", "web.ts"))) > SURVEY_MOST) {
  console.error("survey.js is too large");
  process.exitCode = 1;
}
put("handup.svg", readFileSync(join(here, "handup.svg")));
icons();
fonts();
writeFileSync(join(out, "named.json"), JSON.stringify(named));
