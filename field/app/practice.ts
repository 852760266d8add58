// The practice group: a store of its own, a colour of its own, nothing ever sent.
import { FIRST_PREVIOUS } from "../core/chain.ts";
import type { Database } from "../store/db.ts";
import type { Pack } from "../store/pack.ts";
import { Session } from "./session.ts";
import { t } from "./text.ts";

const ROUNDS = 1000;
const WORDS = "practice";
const GROUP = "01890a5d-0000-7000-8000-000000000001";
const DEVICE = "01890a5d-0000-7000-8000-00000000000d";

const samplePack = (): Pack => ({
  group_id: GROUP,
  name: t("Practice group"),
  kind: "SAVINGS",
  currency: "XTS",
  currency_digits: 0,
  has_seat: true,
  head_seq: 0,
  head_hash: FIRST_PREVIOUS,
  head_code: "000 000 000 000",
  open_meeting_id: null,
  next_number: 1,
  last_held_date: null,
  constitution_version: 1,
  settings: {
    quorum_bps: 5000, representative_allowed: true, savings_mode: "SHARES", share_value_units: 500, shares_min: 1, shares_max: 5,
    zero_shares_allowed: true, cash_unit_units: 50, loan_multiple_x100: 300, loan_multiple_outside_x100: 500, loans_open_max: 0,
    loan_term_periods_max: 3, charge_rate_bps: 1000, charge_basis: "FLAT_PER_PERIOD", charge_period_days: 30,
    charge_counting: "COMPLETED", social_contribution_units: 100, social_lendable: false, fine_late_units: 50, fine_absent_units: 100,
    blind_counts: 2, loan_majority_bps: 7500, keys_held: 3, keys_needed: 3, members_instead_of_keys: 5, cycle_kind: "SHARE_OUT", debts_at_share_out: "NET", share_out_rounding: "LARGEST_REMAINDER", social_at_end: "CARRY_FORWARD", leftover_to: "SOCIAL", profit_by: "SHARES", leave_pay: "SAVINGS_ONLY", key_holder_may_be_officer: false, meeting_interval_days: 7,
  },
  cash: { LOAN: 0, SOCIAL: 0 },
  members: [1, 2, 3, 4, 5].map((no) => ({ member_no: no, name: t("Member {n}", { n: no }), joined_date: "2020-01-01", left_date: null, savings: 0 })),
  loans: [],
  fines: [],
});

/** Open the practice group, making it at the first time. */
export async function openPractice(database: Database): Promise<Session> {
  if (await Session.exists(database)) return Session.unlock(database, WORDS);
  const session = await Session.begin(database, WORDS, { rounds: ROUNDS, deviceId: DEVICE });
  await session.keep(samplePack());
  return session;
}
