// The adviser's statement and the owner's signature, given with the plan: her name drawn with a finger, or her mark before a
// witness. What is drawn is kept as a picture of the plan, sealed like every other, and goes behind it.
import { keepPicture } from "../../store/pictures.ts";
import { bodyOf, type Advice } from "../../plans/worked.ts";
import { t } from "../text.ts";
import { askText, button, h, notice, show, tiles, type Act } from "../ui.ts";
import { askLine } from "./asking.ts";
import type { Draft } from "./planParts.ts";
import { smaller } from "./means.ts";
import type { Work } from "./work.ts";

const WIDTH = 640;
const HEIGHT = 320;
const LINE = 5;
/** How many points a name or a mark has at least: a touch by mistake is none. */
const LEAST = 8;

/** What the adviser says of the plan, kept while it is not signed. */
export function statement(work: Work, key: string, draft: Draft, back: Act, done: Act): void {
  askText({
    title: draft.name,
    question: t("What do you say of this plan as its adviser?"),
    verb: t("Go on"),
    needed: true,
    long: true,
    most: 2000,
    first: draft.statement,
    back: back as Act & (() => unknown),
    done: async (text) => {
      const next = { ...draft, statement: text };
      await work.keepDraft(key, next);
      how(work, key, next, text, back, done);
    },
  });
}

function how(work: Work, key: string, draft: Draft, text: string, back: Act, done: Act): void {
  const again = (): void => how(work, key, draft, text, back, done);
  const mark = (): void =>
    askLine({ title: draft.name, question: t("Who sees her make her mark? Write the name of the witness."), most: 120, needed: true, back: again, done: (witness) => draw(work, key, draft, { statement: text, signed_by: "MARK", witness }, again, done) });
  show({
    title: draft.name,
    question: t("The plan was read to {name}. How does {name} agree?", { name: draft.name }),
    body: tiles([
      { mark: "✎", label: t("With her name, drawn by finger"), act: () => draw(work, key, draft, { statement: text, signed_by: "SIGNATURE", witness: "" }, again, done) },
      { mark: "✕", label: t("With her mark, before a witness"), act: mark },
    ]),
    back: () => statement(work, key, draft, back, done),
  });
}

function draw(work: Work, key: string, draft: Draft, advice: Advice, back: Act, done: Act): void {
  const sheet = signatureSheet();
  const write = async (): Promise<void> => {
    if (sheet.points() < LEAST) return notice(t("Draw it on the white field first."));
    const agreed = work.around.now().toISOString();
    const image = await smaller(await sheet.image(), WIDTH, 0.8);
    const name = await keepPicture(work.around, key, new Uint8Array(await image.arrayBuffer()), agreed);
    const body = { ...bodyOf(draft.told, draft.origin, draft.capacity_bps, true), advice, pictures: [{ name, shows: "SIGNATURE", agreed_at: agreed }] };
    await work.record("write_plan", work.today, body, key);
    await done();
    notice(t("Signed and written down. It is handed in when there is a network, and worked out again at the office."));
  };
  show({
    title: draft.name,
    question: advice.signed_by === "MARK" ? t("Make your mark here with a finger.") : t("Write your name here with a finger."),
    ...(advice.witness ? { said: t("Witness: {name}", { name: advice.witness }) } : {}),
    body: sheet.canvas,
    back,
    actions: [button(t("It is signed"), write, "main"), button(t("Begin again"), () => sheet.clear(), "quiet")],
  });
}

/** A white field on which a finger, a pen or a mouse draws. */
function signatureSheet() {
  const canvas = h("canvas", { class: "signature", role: "img", "aria-label": t("The field to sign in"), width: WIDTH, height: HEIGHT }) as HTMLCanvasElement;
  const pen = canvas.getContext("2d");
  let drawn = 0;
  const at = (event: PointerEvent): readonly [number, number] => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * WIDTH) / box.width, ((event.clientY - box.top) * HEIGHT) / box.height];
  };
  const clear = (): void => {
    drawn = 0;
    if (!pen) return;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    Object.assign(pen, { strokeStyle: "#111", lineWidth: LINE, lineCap: "round", lineJoin: "round" });
  };
  let isDown = false;
  canvas.addEventListener("pointerdown", (event) => {
    isDown = true;
    canvas.setPointerCapture(event.pointerId);
    pen?.beginPath();
    pen?.moveTo(...at(event));
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!isDown) return;
    pen?.lineTo(...at(event));
    pen?.stroke();
    drawn += 1;
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (isDown = false));
  clear();
  const image = (): Promise<Blob> => new Promise((tell, fail) => canvas.toBlob((blob) => (blob ? tell(blob) : fail(new Error("no picture"))), "image/png"));
  return { canvas, clear, image, points: (): number => drawn };
}
