// Contracts under which the holder of a phone takes goods in, as the office tells them.

export interface WorkGrade {
  readonly id: string;
  readonly name: string;
  /** For one base unit, today; null: the office works it out. */
  readonly price_units: number | null;
}

export interface WorkContract {
  readonly contract_id: string;
  readonly code: string;
  readonly product: string;
  readonly unit: string;
  readonly seller: string;
  readonly buyer: string;
  readonly place: string;
  readonly currency: string;
  readonly currency_digits: number;
  readonly quantity: number;
  readonly delivered: number;
  readonly advance_left_units: number;
  readonly advance_cap_bps: number;
  readonly payment_days: number;
  readonly grades: readonly WorkGrade[];
  /** Deliveries told by its holder that are counted in what was delivered. */
  readonly own: readonly string[];
}
