// The parts of a plan: what each asks, what stands there already, and what the answers make of the plan.
import { bySeason, GOOD, HARMS, lasting, LEAN, marksOf, monthAfter, seasonOf, TOPICS, withheld, WHOLE_BPS, type Asked as Loan, type Cost, type Costing, type Line, type Origin, type Product, type Sheet, type Step, type Thing, type Told } from "../../plans/told.ts";
import type { WorkTerms } from "../../store/planning.ts";
import { t, type Currency } from "../text.ts";
import { listAt, moneyOf, monthName, numberAt, textAt, type Field, type Values } from "./planAsk.ts";

export type Part = "ABOUT" | "HOUSEHOLD" | "SEASONS" | "THINGS" | "PRODUCTS" | "COSTS" | "MONEY" | "LOAN" | "HARM" | "WHAT_IFS" | "WORDS" | "STEPS";

/** A plan while it is written on this phone: kept after every answer. */
export interface Draft {
  readonly name: string;
  readonly digits: number;
  readonly isFull: boolean;
  readonly capacity_bps: number;
  readonly origin: Origin;
  readonly told: Told;
  /** The parts that were gone through; of a plan made again, also those in which nothing changed. */
  readonly seen: readonly Part[];
  /** Thousandths of a product sold in a normal month, where its months follow the seasons. */
  readonly normals: Readonly<Record<string, number>>;
  /** The adviser's statement as it is written so far. */
  readonly statement?: string;
  readonly asking?: { readonly part: Part; readonly index: number | null; readonly values: Values; readonly at: number } | undefined;
}

export const currencyOf = (draft: Draft): Currency => ({ code: draft.told.currency, digits: draft.digits, coin: 1 });

export const PARTS: Readonly<Record<Part, () => string>> = {
  ABOUT: () => t("What the business is"),
  HOUSEHOLD: () => t("What the household earns and spends"),
  SEASONS: () => t("Good and lean months"),
  THINGS: () => t("What is needed to start"),
  PRODUCTS: () => t("What is sold"),
  COSTS: () => t("Costs of each month"),
  MONEY: () => t("Money there is"),
  LOAN: () => t("The loan asked for"),
  HARM: () => t("Harm to people and nature"),
  WHAT_IFS: () => t("What may happen to her"),
  WORDS: () => t("The plan in words"),
  STEPS: () => t("The steps to take"),
};
export const partsOfPlan = (isFull: boolean): Part[] => (Object.keys(PARTS) as Part[]).filter((part) => isFull || (part !== "WORDS" && part !== "STEPS"));

export const SECTIONS: Readonly<Record<Line["section"], () => string>> = {
  SALES: () => t("Sales"),
  COST_OF_SALES: () => t("Goods and materials bought"),
  BUSINESS_EXPENSE: () => t("Running costs of the business"),
  OTHER_INCOME: () => t("Other income of the household"),
  HOUSEHOLD_EXPENSE: () => t("Spending of the household"),
  OTHER_EXPENSE: () => t("School, health and other spending"),
  DEBT_PAYMENT: () => t("Instalments of old debts"),
};
export const SPANS: Readonly<Record<Line["span"], () => string>> = { DAY: () => t("a day"), WEEK: () => t("a week"), HALF_MONTH: () => t("half a month"), MONTH: () => t("a month") };
const EVIDENCE: Readonly<Record<string, () => string>> = { SEEN: () => t("I saw it"), TOLD: () => t("She told me"), ESTIMATED: () => t("We guessed") };
export const SOURCES: Readonly<Record<string, () => string>> = { OWN: () => t("Own money"), IN_KIND: () => t("It is there already"), GRANT: () => t("A grant"), LOAN: () => t("The loan") };
export const KINDS: Readonly<Record<string, () => string>> = {
  FIXED: () => t("A cost of the business"),
  OTHER_INCOME: () => t("Other income"),
  DEBT: () => t("An old debt"),
  TAX: () => t("A tax"),
  DRAWINGS: () => t("What the family lives on"),
};
const METHODS: Readonly<Record<string, () => string>> = { DECLINING: () => t("On what is still owed"), FLAT: () => t("On the first amount to the end") };
const HARM: Readonly<Record<(typeof HARMS)[number], () => string>> = {
  WASTE: () => t("Does it make waste, smoke, dirty water or noise that harm others?"),
  NATURE: () => t("Does it take wood, grass, water or animals faster than they grow back?"),
  LAND: () => t("Does it use land or a house that others use, claim, or that is protected?"),
  SAFETY: () => t("Is the work dangerous, or hard on those who work in it?"),
  EXCLUDED: () => t("Does it use child labour, or trade in weapons, drugs, gambling, protected animals or forbidden poisons?"),
};
const ANSWERS: Readonly<Record<string, () => string>> = { NO: () => t("No"), YES: () => t("Yes"), UNKNOWN: () => t("I do not know") };
export const TOPIC: Readonly<Record<(typeof TOPICS)[number], () => string>> = {
  CUSTOMERS: () => t("Who buys, how many are they, and how often do they buy?"),
  COMPETITORS: () => t("Who else sells this nearby, and what do they do better?"),
  PRICE: () => t("How was the price set, and what do others ask?"),
  PLACE: () => t("Where is it sold, and how do the goods get there?"),
  PROMOTION: () => t("How will people hear of it?"),
  PROCESS: () => t("How is it made or done, step by step?"),
  EQUIPMENT: () => t("Which tools, room, water and power does it need?"),
  SUPPLIERS: () => t("Who supplies the materials, and what if they fail?"),
  WORKERS: () => t("Who works in it, how many days, and for what pay?"),
  SKILLS: () => t("Which skills are there, and which have to be learnt?"),
  LEGAL_FORM: () => t("In whose name is the business, and in which legal form?"),
  LICENCE: () => t("Which licences or permits does it need, and are they there?"),
  TAX: () => t("Which taxes and fees are due, and when?"),
  DANGERS: () => t("What may go wrong?"),
  WAY_OUT: () => t("What will be done when it does?"),
};

const among = (named: Readonly<Record<string, () => string>>, without: readonly string[] = []) => (): [string, string][] =>
  Object.entries(named).filter(([code]) => !without.includes(code)).map(([code, said]) => [code, said()]);
const MONTHS_AHEAD = 12;

function about(draft: Draft, today: string): Field[] {
  const months = (): [string, string][] => Array.from({ length: MONTHS_AHEAD }, (_one, place) => [monthAfter(today, place), monthName(today, place + 1)]);
  return [
    { kind: "text", name: "title", question: () => t("What is the business?"), most: 200, needed: true },
    { kind: "text", name: "idea", question: () => t("What is the idea, and who benefits?"), most: 2000, long: true },
    { kind: "choice", name: "start_month", question: () => t("In which month does the plan begin?"), options: months, when: () => draft.origin.plan === null },
    { kind: "number", name: "months", question: () => t("For how many months?"), decimals: 0, least: 1, most: 60, first: () => "12" },
  ];
}

const household = (): Field[] => [
  { kind: "text", name: "name", question: () => t("What is it?"), most: 120, needed: true },
  { kind: "choice", name: "span", question: () => t("For how long is it told?"), options: among(SPANS) },
  { kind: "amount", name: "units", question: (values) => t("How much is it for {span}?", { span: SPANS[textAt(values, "span") as Line["span"]]?.() ?? "" }) },
  { kind: "choice", name: "evidence", question: () => t("How do you know?"), options: among(EVIDENCE) },
];

const seasons = (): Field[] => [
  { kind: "marks", name: "marks", question: () => t("Which months are good, which are lean? Press a month."), marks: [() => t("a normal month"), () => t("a good month"), () => t("a lean month")] },
  { kind: "number", name: "good", question: () => t("Of 100 sold in a normal month: how many in a good one?"), decimals: 0, least: 101, most: 900, first: () => "150", when: (values) => listAt(values, "marks").includes(GOOD) },
  { kind: "number", name: "lean", question: () => t("Of 100 sold in a normal month: how many in a lean one?"), decimals: 0, least: 0, most: 99, first: () => "50", when: (values) => listAt(values, "marks").includes(LEAN) },
];

const things = (draft: Draft): Field[] => [
  { kind: "text", name: "name", question: () => t("What is needed?"), most: 120, needed: true },
  { kind: "amount", name: "cost_units", question: () => t("What does it cost?") },
  { kind: "choice", name: "source", question: () => t("Who pays for it?"), options: among(SOURCES) },
  { kind: "number", name: "month", question: () => t("In which month of the plan is it bought? 0 is before opening."), decimals: 0, most: draft.told.months, first: () => "0" },
  { kind: "number", name: "life_months", question: () => t("For how many months does it last? 0: it is used up at once."), decimals: 0, most: 1200, first: () => "0" },
  { kind: "amount", name: "salvage_units", question: () => t("What is it worth when those months are over?"), when: (values) => numberAt(values, "life_months") > 0, fault: (units, values) => (units > numberAt(values, "cost_units") ? t("That is more than it costs.") : undefined) },
];

const PIECES_MOST = 10 ** 10;

function products(draft: Draft): Field[] {
  const { months, start_month } = draft.told;
  const ways = (): [string, string][] => [
    ["SAME", t("The same every month")],
    ["SEASONS", t("More in good months, less in lean ones")],
    ["MONTHS", t("Each month another number")],
  ];
  const each = Array.from({ length: months }, (_one, place): Field => ({
    kind: "number",
    name: `m${place + 1}`,
    question: () => t("How many in {month}?", { month: monthName(start_month, place + 1) }),
    decimals: 3,
    most: PIECES_MOST,
    when: (values) => values["way"] === "MONTHS",
  }));
  const credit = (values: Values): boolean => numberAt(values, "credit_share_bps") > 0;
  return [
    { kind: "text", name: "name", question: () => t("What is sold?"), most: 120, needed: true },
    { kind: "text", name: "unit", question: () => t("Sold by what? A piece, a kilo, a litre …"), most: 30 },
    { kind: "amount", name: "price_units", question: () => t("What does one cost the buyer?"), above: true },
    { kind: "amount", name: "material_units", question: () => t("What goods and materials are in one?") },
    { kind: "amount", name: "labour_units", question: () => t("What is paid to others for making one?") },
    { kind: "choice", name: "way", question: () => t("Does she sell the same every month?"), options: ways },
    { kind: "number", name: "normal", question: () => t("How many does she sell in a normal month?"), decimals: 3, most: PIECES_MOST, when: (values) => values["way"] !== "MONTHS" },
    ...each,
    { kind: "number", name: "credit_share_bps", question: () => t("Of 100 sold, how many are paid later?"), decimals: 2, most: WHOLE_BPS, first: () => "0" },
    { kind: "number", name: "lag_months", question: () => t("How many months later?"), decimals: 0, least: 1, most: months, first: () => "1", when: credit },
    { kind: "number", name: "bad_debt_bps", question: () => t("Of 100 sold on credit, how many are never paid?"), decimals: 2, most: WHOLE_BPS, first: () => "0", when: credit },
  ];
}

function costs(draft: Draft): Field[] {
  const { months, start_month, costing } = draft.told;
  const ways = (): [string, string][] => [
    ["ALL", t("The same every month")],
    ["SOME", t("Only in some months")],
    ["MONTHS", t("Each month another amount")],
  ];
  const each = Array.from({ length: months }, (_one, place): Field => ({
    kind: "amount",
    name: `m${place + 1}`,
    question: () => t("How much in {month}?", { month: monthName(start_month, place + 1) }),
    when: (values) => values["way"] === "MONTHS",
  }));
  return [
    { kind: "text", name: "name", question: () => t("What is it?"), most: 120, needed: true },
    // What the family lives on stands in the household sheet; never in both.
    { kind: "choice", name: "kind", question: () => t("What kind is it?"), options: among(KINDS, costing.drawings_from === "SHEET" ? ["DRAWINGS"] : []) },
    { kind: "choice", name: "way", question: () => t("When does it fall?"), options: ways },
    { kind: "amount", name: "units", question: () => t("How much a month?"), when: (values) => values["way"] !== "MONTHS" },
    { kind: "marks", name: "marks", question: () => t("In which months? Press a month."), marks: [() => t("not in this month"), () => t("in this month")], when: (values) => values["way"] === "SOME" },
    ...each,
  ];
}

const money = (): Field[] => [
  { kind: "amount", name: "own_cash_units", question: () => t("How much own cash goes into the business?") },
  { kind: "amount", name: "grant_units", question: () => t("How much comes as a grant?") },
  { kind: "amount", name: "opening_stock_units", question: () => t("How much stock is bought before opening?") },
  { kind: "amount", name: "capital_units", question: () => t("What is all worth that she already owns in the business?") },
  { kind: "amount", name: "liabilities_units", question: () => t("How much does she owe today, to all together?") },
  { kind: "amount", name: "buffer_units", question: () => t("How much cash must always stay in the house?") },
];

/** The terms a loan is asked under: as they stand, those of a product, or none of the house's. */
const KEEP = "KEEP";
const OTHER = "OTHER";
export const termsFor = (draft: Draft, all: readonly WorkTerms[]): readonly WorkTerms[] => all.filter((one) => one.currency === draft.told.currency);

function loan(draft: Draft, all: readonly WorkTerms[]): Field[] {
  const terms = termsFor(draft, all);
  const of = (values: Values): WorkTerms | undefined => terms.find((one) => one.code === values["product"]);
  const currency = currencyOf(draft);
  const products = (): [string, string][] => [
    ...(draft.told.finance ? [[KEEP, t("On the terms as they stand")] as [string, string]] : []),
    ...terms.map((one): [string, string] => [one.code, one.name]),
    [OTHER, t("On other terms")],
  ];
  const fault = (units: number, values: Values): string | undefined => {
    const one = of(values) ?? (values["product"] === KEEP ? draft.told.finance : undefined);
    if (!one) return undefined;
    if (units < one.least_units) return t("The smallest loan is {amount}.", { amount: moneyOf(one.least_units, currency) });
    if (one.most_units && units > one.most_units) return t("The largest loan is {amount}.", { amount: moneyOf(one.most_units, currency) });
    return units % one.multiple_units ? t("This loan is given in steps of {amount}.", { amount: moneyOf(one.multiple_units, currency) }) : undefined;
  };
  const isOther = (values: Values): boolean => values["product"] === OTHER;
  return [
    { kind: "choice", name: "product", question: () => t("On which terms is the loan asked for?"), options: products },
    { kind: "amount", name: "loan_units", question: () => t("How much does she ask for?"), above: true, fault },
    { kind: "number", name: "rate_bps", question: () => t("What interest in percent a month?"), decimals: 2, most: 5000, when: isOther },
    { kind: "choice", name: "method", question: () => t("On what is the interest reckoned?"), options: among(METHODS), when: isOther },
    { kind: "number", name: "instalments", question: () => t("In how many monthly instalments?"), decimals: 0, least: 1, most: draft.told.months, first: (values) => String(of(values)?.instalments ?? "") },
    { kind: "number", name: "grace_instalments", question: () => t("How many of them are interest only?"), decimals: 0, most: (values) => numberAt(values, "instalments") - 1, first: (values) => String(of(values)?.grace_instalments ?? 0) },
    { kind: "text", name: "purpose", question: () => t("What is the loan for?"), most: 200 },
  ];
}

const harm = (): Field[] =>
  HARMS.flatMap((one): Field[] => [
    { kind: "choice", name: one, question: () => HARM[one](), options: among(ANSWERS) },
    ...(one === "EXCLUDED" ? [] : [{ kind: "text", name: `${one}_measure`, question: () => t("What will be done about it?"), said: () => HARM[one](), most: 1000, needed: true, long: true, when: (values: Values) => values[one] === "YES" } as const]),
  ]);

const words = (): Field[] => TOPICS.map((topic) => ({ kind: "text", name: topic, question: () => TOPIC[topic](), most: 2000, long: true }));
const steps = (): Field[] => [
  { kind: "text", name: "what", question: () => t("What is to be done?"), most: 200, needed: true },
  { kind: "text", name: "who", question: () => t("Who does it?"), most: 120, needed: true },
  { kind: "day", name: "due_date", question: () => t("Until which day?") },
];

const SHARE_MOST = 100_000;

/** A what-if of her own: beside 100 as planned; months count from the first of the plan. */
const whatIfs = (draft: Draft): Field[] => {
  const share = (name: string, question: () => string): Field => ({ kind: "number", name, question, decimals: 2, most: SHARE_MOST, first: () => "100" });
  const month = (name: string, question: () => string): Field => ({ kind: "number", name, question, decimals: 0, most: draft.told.months, first: () => "0" });
  return [
    { kind: "text", name: "name", question: () => t("What may happen? Say it in a few words."), most: 80, needed: true },
    share("sales_bps", () => t("Of 100 she wants to sell: how many does she sell then?")),
    share("price_bps", () => t("What costs the buyer 100 today: what does he pay then?")),
    share("material_bps", () => t("Materials that cost 100 today: what do they cost then?")),
    month("months_late", () => t("How many months later does the first sale come?")),
    month("lost_month", () => t("In which month of the plan is nothing sold? 0: in none.")),
  ];
};

/** What a part asks, of a whole part or of one line of it. */
export function fieldsOf(part: Part, draft: Draft, terms: readonly WorkTerms[], today: string): Field[] {
  const asked: Record<Part, () => Field[]> = { ABOUT: () => about(draft, today), HOUSEHOLD: household, SEASONS: seasons, THINGS: () => things(draft), PRODUCTS: () => products(draft), COSTS: () => costs(draft), MONEY: money, LOAN: () => loan(draft, terms), HARM: harm, WHAT_IFS: () => whatIfs(draft), WORDS: words, STEPS: steps };
  return asked[part]();
}

/** The lines of a part that has some. */
export function linesOf(part: Part, told: Told): readonly object[] | null {
  const { sheet, costing } = told;
  return part === "HOUSEHOLD" ? sheet.lines : part === "THINGS" ? costing.things : part === "PRODUCTS" ? costing.products : part === "COSTS" ? costing.costs : part === "STEPS" ? told.steps : part === "WHAT_IFS" ? told.scenarios : null;
}

const monthly = (amounts: readonly number[]): Values => Object.fromEntries(amounts.map((amount, place) => [`m${place + 1}`, amount]));
const sameAll = (amounts: readonly number[]): boolean => amounts.every((amount) => amount === amounts[0]);

/** What stands in a part already, as answers. */
export function standing(part: Part, draft: Draft, index: number | null): Values {
  const { told, normals } = draft;
  const { costing, finance } = told;
  const line = index === null ? undefined : linesOf(part, told)?.[index];
  if (part === "ABOUT") return told.title ? { title: told.title, idea: told.idea, start_month: told.start_month, months: told.months } : {};
  if (part === "SEASONS") {
    const season = costing.season_bps;
    const of = (name: string, bps: number): Values => (bps === WHOLE_BPS || !Number.isFinite(bps) ? {} : { [name]: Math.round(bps / 100) });
    return { marks: marksOf(season, told.months), ...of("good", Math.max(WHOLE_BPS, ...season)), ...of("lean", Math.min(WHOLE_BPS, ...season)) };
  }
  if (part === "MONEY") return draft.seen.includes("MONEY") || costing.own_cash_units ? (costing as unknown as Values) : {};
  if (part === "LOAN") return finance ? { product: KEEP, loan_units: finance.loan_units, rate_bps: finance.rate_bps, method: finance.method, instalments: finance.instalments, grace_instalments: finance.grace_instalments, purpose: finance.purpose } : {};
  if (part === "HARM") return Object.fromEntries(Object.entries(told.screening).flatMap(([name, [answer, measure]]) => [[name, answer], [`${name}_measure`, measure]]));
  if (part === "WORDS") return told.words;
  if (part === "PRODUCTS" && line) {
    const product = line as Product;
    const normal = normals[product.name];
    if (normal !== undefined) return { ...product, way: "SEASONS", normal };
    return { ...product, ...(sameAll(product.quantities) ? { way: "SAME", normal: product.quantities[0] ?? 0 } : { way: "MONTHS", ...monthly(product.quantities) }) };
  }
  if (part === "COSTS" && line) {
    const { amounts, ...cost } = line as Cost;
    const falling = amounts.filter((amount) => amount);
    if (!sameAll(falling)) return { ...cost, way: "MONTHS", ...monthly(amounts) };
    return { ...cost, units: falling[0] ?? 0, ...(falling.length === amounts.length ? { way: "ALL" } : { way: "SOME", marks: amounts.map((amount) => (amount ? 1 : 0)) }) };
  }
  return (line ?? {}) as Values;
}

const placed = <T>(all: readonly T[], line: T, index: number | null): T[] => (index === null ? [...all, line] : all.map((one, place) => (place === index ? line : one)));
const eachMonth = (values: Values, months: number): number[] => Array.from({ length: months }, (_one, place) => numberAt(values, `m${place + 1}`));

/** The plan with the answers of a part, or of one line of it, in place. */
export function put(part: Part, draft: Draft, values: Values, index: number | null, terms: readonly WorkTerms[]): Draft {
  const { told } = draft;
  const costing = (more: Partial<Costing>): Draft => ({ ...draft, told: { ...told, costing: { ...told.costing, ...more } } });
  const sheet = (more: Partial<Sheet>): Draft => ({ ...draft, told: { ...told, sheet: { ...told.sheet, ...more } } });
  switch (part) {
    case "ABOUT":
      return { ...draft, told: lasting({ ...told, title: textAt(values, "title"), idea: textAt(values, "idea"), start_month: textAt(values, "start_month") || told.start_month }, numberAt(values, "months")) };
    case "HOUSEHOLD":
      return sheet({ lines: placed(told.sheet.lines, { section: textAt(values, "section") as Line["section"], span: textAt(values, "span") as Line["span"], units: numberAt(values, "units"), name: textAt(values, "name"), evidence: textAt(values, "evidence") }, index) });
    case "SEASONS":
      return withSeasons(draft, seasonOf(listAt(values, "marks"), numberAt(values, "good"), numberAt(values, "lean")));
    case "THINGS":
      return costing({ things: placed<Thing>(told.costing.things, { name: textAt(values, "name"), month: numberAt(values, "month"), cost_units: numberAt(values, "cost_units"), source: textAt(values, "source"), life_months: numberAt(values, "life_months"), salvage_units: numberAt(values, "life_months") ? numberAt(values, "salvage_units") : 0 }, index) });
    case "PRODUCTS":
      return withProduct(draft, values, index);
    case "COSTS":
      return costing({ costs: placed(told.costing.costs, { name: textAt(values, "name"), kind: textAt(values, "kind"), amounts: amountsOf(values, told.months) }, index) });
    case "MONEY":
      return costing(Object.fromEntries(money().map(({ name }) => [name, numberAt(values, name)])));
    case "LOAN":
      return { ...draft, told: { ...told, finance: financeOf(draft, values, terms) } };
    case "HARM":
      return { ...draft, told: { ...told, screening: Object.fromEntries(HARMS.map((one) => [one, [textAt(values, one), values[one] === "YES" ? textAt(values, `${one}_measure`) : ""]] as const)) } };
    case "WHAT_IFS":
      return { ...draft, told: { ...told, scenarios: placed(told.scenarios, { name: textAt(values, "name"), sales_bps: numberAt(values, "sales_bps"), price_bps: numberAt(values, "price_bps"), material_bps: numberAt(values, "material_bps"), months_late: numberAt(values, "months_late"), lost_month: numberAt(values, "lost_month") }, index) } };
    case "WORDS":
      return { ...draft, told: { ...told, words: Object.fromEntries(TOPICS.map((topic) => [topic, textAt(values, topic)])) } };
    case "STEPS":
      return { ...draft, told: { ...told, steps: placed<Step>(told.steps, { what: textAt(values, "what"), who: textAt(values, "who"), due_date: textAt(values, "due_date") }, index) } };
  }
}

/** The plan without one line of a part. */
export function without(part: Part, draft: Draft, index: number): Draft {
  const { told } = draft;
  const less = <T>(all: readonly T[]): T[] => all.filter((_one, place) => place !== index);
  const { sheet, costing } = told;
  const by: Partial<Record<Part, () => Told>> = {
    HOUSEHOLD: () => ({ ...told, sheet: { ...sheet, lines: less(sheet.lines) } }),
    THINGS: () => ({ ...told, costing: { ...costing, things: less(costing.things) } }),
    PRODUCTS: () => ({ ...told, costing: { ...costing, products: less(costing.products) } }),
    COSTS: () => ({ ...told, costing: { ...costing, costs: less(costing.costs) } }),
    STEPS: () => ({ ...told, steps: less(told.steps) }),
    WHAT_IFS: () => ({ ...told, scenarios: less(told.scenarios) }),
  };
  return { ...draft, told: by[part]?.() ?? told };
}

function amountsOf(values: Values, months: number): number[] {
  const [way, units, marks] = [values["way"], numberAt(values, "units"), listAt(values, "marks")];
  if (way === "MONTHS") return eachMonth(values, months);
  return Array.from({ length: months }, (_one, place) => (way === "ALL" || marks[place] ? units : 0));
}

/** Other seasons: what is sold by the seasons follows them. */
function withSeasons(draft: Draft, season: readonly number[]): Draft {
  const { told, normals } = draft;
  const products = told.costing.products.map((one) => {
    const normal = normals[one.name];
    return normal === undefined ? one : { ...one, quantities: bySeason(normal, season, told.months) };
  });
  return { ...draft, told: { ...told, costing: { ...told.costing, season_bps: season, products } } };
}

function withProduct(draft: Draft, values: Values, index: number | null): Draft {
  const { told } = draft;
  const { season_bps, products: before } = told.costing;
  const [way, normal, name] = [values["way"], numberAt(values, "normal"), textAt(values, "name")];
  const quantities = way === "MONTHS" ? eachMonth(values, told.months) : bySeason(normal, way === "SEASONS" ? season_bps : [], told.months);
  const onCredit = numberAt(values, "credit_share_bps") > 0;
  const product: Product = {
    name,
    unit: textAt(values, "unit"),
    price_units: numberAt(values, "price_units"),
    material_units: numberAt(values, "material_units"),
    labour_units: numberAt(values, "labour_units"),
    quantities,
    credit_share_bps: numberAt(values, "credit_share_bps"),
    lag_months: onCredit ? numberAt(values, "lag_months") : 1,
    bad_debt_bps: onCredit ? numberAt(values, "bad_debt_bps") : 0,
  };
  const old = index === null ? undefined : before[index]?.name;
  const others = Object.entries(draft.normals).filter(([one]) => one !== old && one !== name);
  // Of two with one name neither follows the seasons afterwards: nobody knows whose number it would be.
  const isTwin = before.some((one, place) => place !== index && one.name === name);
  const normals = Object.fromEntries(way === "SEASONS" && !isTwin ? [...others, [name, normal]] : others);
  return { ...draft, normals, told: { ...told, costing: { ...told.costing, products: placed(before, product, index) } } };
}

function financeOf(draft: Draft, values: Values, all: readonly WorkTerms[]): Loan {
  const [loan_units, instalments, grace_instalments, purpose] = [numberAt(values, "loan_units"), numberAt(values, "instalments"), numberAt(values, "grace_instalments"), textAt(values, "purpose")];
  const asked = { loan_units, instalments, grace_instalments, purpose };
  const kept = draft.told.finance;
  if (values["product"] === KEEP && kept) {
    const same = loan_units === kept.loan_units ? undefined : termsFor(draft, all).find((terms) => terms.code === kept.product_code);
    return { ...kept, ...asked, ...(same ? { fee_withheld_units: withheld(loan_units, same.fee_units, same.fee_ppm) } : {}) };
  }
  const one = termsFor(draft, all).find((terms) => terms.code === values["product"]);
  if (one) {
    const { rate_bps, method, repayment, multiple_units, least_units, most_units, instalment_unit } = one;
    return { ...asked, rate_bps, method, repayment, multiple_units, least_units, most_units, instalment_unit, most_grace: Math.max(one.grace_instalments, grace_instalments), fee_withheld_units: withheld(loan_units, one.fee_units, one.fee_ppm), product_code: one.code };
  }
  return { ...asked, rate_bps: numberAt(values, "rate_bps"), method: textAt(values, "method"), repayment: "EQUAL_INSTALMENTS", multiple_units: 1, least_units: 0, most_units: 0, instalment_unit: 1, most_grace: grace_instalments, fee_withheld_units: 0, product_code: "" };
}

/** Whether something stands in a part. */
export function isThere(part: Part, draft: Draft): boolean {
  const { told } = draft;
  const list = linesOf(part, told);
  if (list) return list.length > 0;
  return { ABOUT: Boolean(told.title), SEASONS: told.costing.season_bps.length > 0, LOAN: told.finance !== null, HARM: HARMS.every((one) => told.screening[one]), WORDS: TOPICS.every((topic) => told.words[topic] !== undefined), MONEY: false }[part as "ABOUT"];
}

