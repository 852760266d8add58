// Builds what the staff web app sends to the browser: one style sheet (left-to-right and right-to-left), one script,
// the drawings of the icons, and the small pictures of the kit's CSS as files (the content policy allows no data: images).
// Everything lands in src/handup/static/dist.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
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
    const name = `${createHash("sha256").update(svg).digest("hex").slice(0, 12)}.svg`;
    writeFileSync(join(out, "img", name), svg);
    return `url(img/${name})`;
  });
}

const minified = (css) => esbuild.transformSync(css, { loader: "css", minify: true, target: ["chrome100", "firefox100", "safari15"] }).code;

function icons() {
  const names = readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean);
  const drawings = {};
  for (const name of names) {
    const svg = readFileSync(join(here, "node_modules", "@tabler", "icons", "icons", "outline", `${name}.svg`), "utf8");
    drawings[name] = svg
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace("</svg>", "")
      .replace(/\s+/g, " ")
      .replace(/ \/>/g, "/>")
      .trim();
  }
  writeFileSync(join(out, "icons.json"), JSON.stringify(drawings));
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "img"), { recursive: true });
const css = picturesAsFiles(`${await kit()}\n${compile("house.scss")}`);
writeFileSync(join(out, "house.css"), minified(css));
writeFileSync(join(out, "house.rtl.css"), minified(rtlcss.process(css)));
await esbuild.build({
  entryPoints: { house: join(here, "script", "house.js"), passkeys: join(here, "script", "passkeys.js") },
  bundle: true,
  minify: true,
  target: ["chrome100", "firefox100", "safari15"],
  format: "iife",
  legalComments: "none",
  outdir: out,
  logLevel: "warning",
});
icons();
for (const name of ["handup.svg"]) copyFileSync(join(here, name), join(out, name));
for (const name of readdirSync(out).filter((name) => /\.(css|js)$/.test(name))) {
  const bytes = readFileSync(join(out, name));
  const small = gzipSync(bytes, { level: 9 });
  writeFileSync(join(out, `${name}.gz`), small);
  console.log(`${name.padEnd(16)} ${(bytes.length / 1000).toFixed(1).padStart(7)} kB, ${(small.length / 1000).toFixed(1)} kB gzipped`);
}
