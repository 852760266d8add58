// What a group's voted constitution says, as the pack carries it (groups.md G1), and what the phone knows of the group.

export interface Settings {
  readonly quorum_bps: number;
  readonly representative_allowed: boolean;
  readonly savings_mode: "SHARES" | "FIXED" | "FREE";
  readonly share_value_units: number;
  readonly shares_min: number;
  readonly shares_max: number;
  readonly zero_shares_allowed: boolean;
  readonly cash_unit_units: number;
  readonly loan_multiple_x100: number;
  readonly loan_multiple_outside_x100: number;
  readonly loans_open_max: number;
  readonly loan_term_periods_max: number;
  readonly charge_rate_bps: number;
  readonly charge_basis: Basis;
  readonly charge_period_days: number;
  readonly charge_counting: Counting;
  readonly social_contribution_units: number;
  readonly social_lendable: boolean;
  readonly fine_late_units: number;
  readonly fine_absent_units: number;
  readonly blind_counts: number;
  readonly loan_majority_bps: number;
  readonly keys_held: number;
  readonly keys_needed: number;
  readonly members_instead_of_keys: number;
  readonly key_holder_may_be_officer: boolean;
  readonly cycle_kind: "SHARE_OUT" | "CONTINUING";
  readonly debts_at_share_out: "NET" | "CARRY";
  readonly share_out_rounding: "LARGEST_REMAINDER" | "WHOLE_SHARE_VALUE";
  readonly social_at_end: "CARRY_FORWARD" | "EQUAL_SPLIT";
  readonly leftover_to: "SOCIAL" | "NEXT_CYCLE";
  readonly profit_by: "SHARES" | "EQUAL" | "BY_BALANCE" | "BY_MONTH_ENDS" | "VOTED_WEIGHTS";
  readonly leave_pay: "SAVINGS_ONLY" | "SAVINGS_AND_GAIN" | "AT_CYCLE_END";
  readonly meeting_interval_days: number;
  readonly [name: string]: number | boolean | string;
}

/** The fund that fines go to. */
export const fineFund = (settings: Settings): Fund => (settings["fine_fund"] === "SOCIAL" ? "SOCIAL" : "LOAN");

const plain = (name: string): string => name.trim().split(/\s+/).join(" ").toLowerCase();

/** The amounts by name that a group voted, written "funeral = 100; birth = 50". */
export const tableOf = (text: unknown): ReadonlyMap<string, number> =>
  new Map(String(text ?? "").split(";").filter((row) => row.trim()).map((row) => [plain(row.split("=")[0] ?? ""), Number(row.split("=")[1])]));

/** The most the group voted for such an event; null where it named no events and any is left to its vote. */
export function grantOf(settings: Settings, event: string): number | null {
  const table = tableOf(settings["social_grants"]);
  return table.size ? (table.get(plain(event)) ?? 0) : null;
}

export type Basis = "FLAT_ONCE" | "FLAT_PER_PERIOD" | "DECLINING";
export type Counting = "COMPLETED" | "STARTED";
export type Fund = "LOAN" | "SOCIAL";
export const FUNDS: readonly Fund[] = ["LOAN", "SOCIAL"];
export type Mark = "PRESENT" | "LATE" | "EXCUSED" | "ABSENT" | "REPRESENTED";
