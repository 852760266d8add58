// Days and instants as expressions know them: ISO texts that become days since 1 January 1970 where arithmetic asks.

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEK = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const DAY = 86_400_000;
const FIRST_DAY = -719_162; // 0001-01-01
const LAST_DAY = 2_932_896; // 9999-12-31

/** Milliseconds since 1970 of a whole day, or null. */
export function readDate(text: string): number | null {
  const parts = DATE.exec(text);
  if (!parts) return null;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  if (year < 1 || month < 1 || month > 12 || day < 1) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 ? date.getTime() : null;
}

interface Instant {
  readonly days: number;
  readonly local: Date;
}

/** An instant: its days since 1970, and its clock where it was written; without an offset it is taken as UTC. */
export function readInstant(text: string): Instant | null {
  const parts = INSTANT.exec(text);
  const day = parts && readDate(parts[1] as string);
  if (!parts || day === null) return null;
  const [hours, minutes, seconds] = [Number(parts[2]), Number(parts[3]), Number(parts[4] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const offset = offsetMinutes(parts[6] ?? "Z");
  if (offset === null) return null;
  const micros = Number((parts[5] ?? "").padEnd(6, "0").slice(0, 6));
  const clock = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  const local = (day as number) + clock;
  const exact = local - offset * 60_000;
  return { days: (exact * 1000 + micros) / (DAY * 1000), local: new Date(local + Math.floor(micros / 1000)) };
}

function offsetMinutes(text: string): number | null {
  if (text === "Z") return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(3).replace(":", "") || 0)];
  if (hours > 23 || minutes > 59) return null;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

/** Days since 1970 of a date or an instant; not-a-number for anything else. */
export function daysOf(text: string): number {
  const day = readDate(text);
  return day === null ? (readInstant(text)?.days ?? Number.NaN) : day / DAY;
}

/** The date so many days after 1970; empty when there is none. */
export function dateText(days: number): string {
  const whole = Math.floor(days);
  if (!Number.isFinite(days) || whole < FIRST_DAY || whole > LAST_DAY) return "";
  return isoDay(new Date(whole * DAY));
}

const two = (value: number): string => String(value).padStart(2, "0");
const isoDay = (date: Date): string => `${String(date.getUTCFullYear()).padStart(4, "0")}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;

/** Write a date by the marks of ODK: %Y %y %m %n %b %d %e %H %h %M %S %3 %a. */
export function formatted(text: string, pattern: string): string {
  const day = readDate(text);
  const moment = day === null ? readInstant(text)?.local : new Date(day);
  if (!moment) return "";
  const marks: Readonly<Record<string, string>> = {
    Y: String(moment.getUTCFullYear()).padStart(4, "0"),
    y: two(moment.getUTCFullYear() % 100),
    m: two(moment.getUTCMonth() + 1),
    n: String(moment.getUTCMonth() + 1),
    b: MONTHS[moment.getUTCMonth()] ?? "",
    d: two(moment.getUTCDate()),
    e: String(moment.getUTCDate()),
    H: two(moment.getUTCHours()),
    h: String(moment.getUTCHours()),
    M: two(moment.getUTCMinutes()),
    S: two(moment.getUTCSeconds()),
    3: String(moment.getUTCMilliseconds()).padStart(3, "0"),
    a: WEEK[moment.getUTCDay()] ?? "",
    "%": "%",
  };
  return pattern.replace(/%(.)/g, (whole, mark: string) => marks[mark] ?? whole);
}
