// Where the office says that somebody is found, as a phone carries it beside her name.

/** Where somebody is found in a season, or seen NEXT: the last told, by her or whom she lives with. */
export interface WorkPlace {
  readonly season: string;
  readonly area: string;
  readonly place: string;
  readonly about_date: string | null;
  readonly told_date: string;
}

/** Whether the house lies south of the equator, where seasons turn about. */
export interface Seasons {
  readonly south?: boolean;
}
