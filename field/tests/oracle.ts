// Fills whole forms by an engine this project did not write (ODK's own), for the test that holds both evaluators beside
// it (tests/test_oracle.py): forms and answers as XML on standard input, what stands then on standard output.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

interface Told {
  readonly xform: string;
  /** Sets of answers, each as a device would send them. */
  readonly sets: readonly string[];
  /** What the form reads beside itself, by file name. */
  readonly files: Readonly<Record<string, string>>;
}

interface Leaf {
  /** The path with places of rows, as `/data/worker[2]/age`. */
  readonly path: string;
  readonly value: string;
  readonly relevant: boolean;
  readonly wrong: "required" | "constraint" | null;
  readonly offered: readonly string[] | null;
}

// The engine is made for browsers: it is given one's documents, and for the moment it starts there is no Node.js to see.
const { window } = new JSDOM("<!doctype html>");
for (const name of ["window", "document", "DOMParser", "XMLSerializer", "Node", "Element", "Document", "Attr", "Text", "Comment", "XPathResult"]) {
  Object.defineProperty(globalThis, name, { value: Reflect.get(window, name), configurable: true });
}
const { process } = globalThis;
Reflect.deleteProperty(globalThis, "process");
const engine = await import("@getodk/xforms-engine");
globalThis.process = process;

/** What is read here of a node of the engine: a leaf has a text and what is wrong with it, others have children. */
interface Seen {
  readonly currentState: {
    readonly reference: string;
    readonly relevant: boolean;
    readonly instanceValue?: string;
    readonly children: readonly Seen[] | null;
    readonly valueOptions?: readonly { readonly value: string }[] | null;
  };
  readonly validationState: { readonly violation?: { readonly condition: "required" | "constraint" } | null };
}

function leaves(node: Seen): Leaf[] {
  const { children, instanceValue, reference, relevant, valueOptions } = node.currentState;
  if (children) return children.flatMap(leaves);
  if (instanceValue === undefined) return [];
  const wrong = node.validationState.violation?.condition ?? null;
  return [{ path: reference, value: instanceValue, relevant, wrong, offered: valueOptions?.map((one) => one.value) ?? null }];
}

async function filled({ xform, sets, files }: Told): Promise<Leaf[][]> {
  const form = await engine.loadForm(xform, {
    missingResourceBehavior: "BLANK",
    fetchFormAttachment: async (url: URL) => {
      const name = decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
      return new Response(files[name] ?? "", { status: files[name] === undefined ? 404 : 200, headers: { "content-type": "text/csv" } });
    },
  });
  if (form.status === "failure") throw form.error;
  const found: Leaf[][] = [];
  for (const xml of sets) {
    const data = new FormData();
    data.set("xml_submission_file", new File([xml], "xml_submission_file", { type: "text/xml" }));
    const { root } = await form.restoreInstance({ data: [data as never] });
    found.push(leaves(root as unknown as Seen));
  }
  return found;
}

const told: readonly Told[] = JSON.parse(readFileSync(0, "utf8"));
const answers: Leaf[][][] = [];
for (const one of told) answers.push(await filled(one));
process.stdout.write(JSON.stringify(answers));
