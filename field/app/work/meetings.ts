// What an officer writes down at the meeting of a group or a community: one part of the program, loaded when it is needed.
export { admission } from "./admission.ts";
export { dossier } from "./dossier.ts";
export { needs } from "./needs.ts";
export { rules } from "./rules.ts";
export { scoring } from "./scoring.ts";
