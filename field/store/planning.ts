// What an officer's own phone carries of business plans: those in hand, terms of loans, and those whose months are told.
import type { Convention } from "../plans/household.ts";
import type { Sheet, Told } from "../plans/told.ts";
import type { WorkNamed, WorkPerson } from "./work.ts";

/** A plan its holder writes, or one that may be made again; `name`: whose it is. */
export interface WorkPlan extends Omit<Told, "sheet"> {
  readonly plan_id: string;
  readonly number: string;
  readonly person_id: string;
  readonly name: string;
  readonly state: string;
  readonly comment: string;
  readonly depth: string;
  readonly edition: number;
  readonly is_beside: boolean;
  readonly currency_digits: number;
  readonly capacity_bps: number;
  readonly sheet: Sheet | null;
}

/** A loan product as a plan asks for it. */
export interface WorkTerms {
  readonly code: string;
  readonly name: string;
  readonly currency: string;
  readonly rate_bps: number;
  readonly instalments: number;
  readonly grace_instalments: number;
  readonly method: string;
  readonly repayment: string;
  readonly multiple_units: number;
  readonly least_units: number;
  readonly most_units: number;
  readonly instalment_unit: number;
  readonly fee_units: number;
  readonly fee_ppm: number;
}

/** What writing plans takes: those in hand, those that may be made again, for whom one may be started, and terms of loans. */
export interface WorkPlanning {
  readonly plans: readonly WorkPlan[];
  readonly plans_left: number;
  readonly earlier: readonly WorkPlan[];
  readonly owners: readonly { readonly person_id: string; readonly programme_id: string; readonly enterprises: readonly WorkNamed[] }[];
  readonly programmes: readonly { readonly id: string; readonly currency: string; readonly currency_digits: number }[];
  readonly terms: readonly WorkTerms[];
  readonly convention: Convention;
  /** Whether its holder gives the adviser's statement; a pack from before says nothing of it. */
  readonly advises?: boolean;
}

/** One question of a spoken test. */
export interface WorkQuestion {
  readonly number: number;
  readonly text: string;
  readonly most_points: number;
  /** The id of the question as it was recorded, where the office has it and this phone room. */
  readonly sound?: string | null;
}

/** A test the holder marks: its tasks in words or its questions where it has some, who sits it, and who has. */
export interface WorkTest {
  readonly test_id: string;
  readonly cohort: string;
  readonly title: string;
  readonly form: string;
  readonly test_date: string;
  readonly most_points: number;
  readonly task_points: number;
  readonly tasks: readonly { readonly title: string; readonly question: string; readonly answer: string; readonly marks: string }[];
  /** A pack from before has none. */
  readonly questions?: readonly WorkQuestion[];
  readonly people: readonly WorkPerson[];
  readonly sat: readonly string[];
}

/** An application that waits for the holder's appraisal; `facts` of the plan behind it, as a loan is judged by it. */
export interface WorkAppraisal {
  readonly application_id: string;
  readonly code: string;
  readonly person_id: string;
  readonly person_no: string;
  readonly name: string;
  readonly village: string;
  readonly product: string;
  readonly currency: string;
  readonly currency_digits: number;
  readonly asked_units: number;
  readonly least_units: number;
  readonly instalments: number;
  readonly purpose: string;
  readonly submitted_date: string;
  readonly criteria: readonly string[];
  readonly asks_reason: boolean;
  readonly facts: {
    readonly net_cash_units: number | null;
    readonly max_instalment_units: number | null;
    readonly max_loan_units: number | null;
    readonly smallest_loan_units: number | null;
    readonly lowest_cash_units: number;
    readonly months_in_red: number;
    readonly months: number;
    readonly cover: string | null;
    readonly too_indebted: boolean;
  } | null;
}

/** What was told for the last small loan of somebody whom its holder appraised; `version_id` of its product as it is now. */
export interface WorkLoanBefore {
  readonly person_no: string;
  readonly name: string;
  readonly version_id: string;
  readonly units: number;
  readonly instalments: number;
  readonly purpose: string;
  readonly marks: Readonly<Record<string, number>>;
}

/** A plan whose months are told at visits: planned sales of each month, and the first days of those told already. */
export interface WorkFollowed {
  readonly plan_id: string;
  readonly person_id: string;
  readonly title: string;
  readonly currency: string;
  readonly currency_digits: number;
  readonly start_month: string;
  readonly sales: readonly number[];
  readonly told: readonly string[];
}
