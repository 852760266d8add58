// A phone that could not send: what was recorded on it as it stands in its sealed files, for tests/test_field_carried.py.
// Reads {device, key, facts: [[name, day, body]], picture} and writes the files, the ids of the facts and the name of the picture.
import "fake-indexeddb/auto";
import { readFileSync } from "node:fs";
import { fromBase64 } from "../core/bytes.ts";
import { carriedWork } from "../store/carrying.ts";
import { keepPicture } from "../store/pictures.ts";
import { keepWork, recordWork } from "../store/work.ts";
import { phone } from "./phone.ts";

const told = JSON.parse(readFileSync(0, "utf8"));
const { around: plain } = await phone();
const around = { ...plain, deviceId: told.device };
const pack = { as_of: "2026-03-02", sessions: [], loans: [], forms: {}, carry_key: told.key };
await keepWork(around, pack);
const name = await keepPicture(around, "draft", fromBase64(told.picture), "2026-03-02T06:05:00.000Z");
const ids: string[] = [];
for (const [fact, day, body] of told.facts) {
  const xml = body.xml?.replace("PICTURE", name);
  ids.push((await recordWork(around, fact, day, xml === undefined ? body : { ...body, xml }, "draft")).id);
}
process.stdout.write(JSON.stringify([{ files: await carriedWork(around, pack), ids, name }]));
