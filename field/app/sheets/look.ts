// The look of sheets and papers: a file of its own, put in when the first of them is shown.
import { h } from "../ui.ts";

declare const WIDE_STYLE: string;

/** Put the look of sheets and papers in, once. */
export function dressed(): void {
  if (typeof WIDE_STYLE === "undefined" || document.getElementById("wide-style")) return;
  document.head.append(h("link", { id: "wide-style", rel: "stylesheet", href: WIDE_STYLE }));
}
