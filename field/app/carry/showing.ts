// A parcel shown as codes, one after the other, for the camera of another phone. They go on by themselves until somebody
// stops them; in any order, as often as the other needs.
import { encodeQR } from "qr";
import { cut } from "../../core/series.ts";
import { t } from "../text.ts";
import { button, h, show, type Act } from "../ui.ts";

const EACH_MS = 700;
const SVG = "http://www.w3.org/2000/svg";

/** A code as a picture: dark squares on white, with the quiet rim that a camera needs. */
export function picture(text: string): SVGElement {
  const rows = encodeQR(text, "raw", { ecc: "low", border: 4 });
  const side = rows.length;
  const dark = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of [["viewBox", `0 0 ${side} ${side}`], ["role", "img"], ["shape-rendering", "crispEdges"], ["class", "code"]] as const) svg.setAttribute(name, value);
  for (const [fill, path] of [["#fff", `M0 0h${side}v${side}h-${side}z`], ["#000", dark]] as const) {
    const part = document.createElementNS(SVG, "path");
    part.setAttribute("fill", fill);
    part.setAttribute("d", path);
    svg.append(part);
  }
  return svg;
}

/** Show a text as codes until the person goes back. */
export async function showSeries(told: { title: string; text: string; back: Act }): Promise<void> {
  const codes = await cut(told.text);
  let at = 0;
  let isRunning = codes.length > 1 && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const host = h("div", { id: "code" });
  const place = h("p", { class: "said", role: "status" });
  const draw = (): void => {
    const code = picture(codes[at] ?? "");
    code.setAttribute("data-code", codes[at] ?? "");
    host.replaceChildren(code);
    place.textContent = t("Code {n} of {all}", { n: at + 1, all: codes.length });
  };
  const step = (by: number): void => {
    at = (at + by + codes.length) % codes.length;
    draw();
  };
  const clock = setInterval(() => {
    if (!host.isConnected) clearInterval(clock);
    else if (isRunning) step(1);
  }, EACH_MS);
  const by = (way: number) => (): void => {
    isRunning = false;
    step(way);
  };
  show({
    title: told.title,
    question: t("Hold the other phone's camera over it until it has every code."),
    silent: true,
    body: [host, place, codes.length > 1 && h("div", { class: "row" }, button("‹", by(-1), "plain", { "aria-label": t("The code before") }), button(t("Stop or go on"), () => (isRunning = !isRunning), "plain"), button("›", by(1), "plain", { "aria-label": t("The next code") }))],
    back: told.back,
    actions: button(t("Done"), told.back, "main"),
  });
  draw();
}

/** The code of a slip as a picture: whoever has a camera keeps it, and the next meeting reads it from there. */
export function showSlip(title: string, text: string, back: Act): void {
  const code = picture(text);
  code.setAttribute("data-code", text);
  show({ title, question: t("Who has a camera may take a picture of it. It is the slip."), body: h("div", { id: "code" }, code), back, actions: button(t("Done"), back, "main") });
}
