/**
 * The date keys that QuickBooks users have in their fingers: t today, + and - a day, m and h first and last day of the
 * month, y and r of the year, w and k of the week. Pressed again, the first and last keys go one period on. Days are
 * `YYYY-MM-DD` text; the arithmetic is in UTC, where every day has 24 hours.
 */
const DAY_MS = 86_400_000;

/** A complete, existing day. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && toText(fromText(text)) === text;
}

function fromText(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

function toText(date: Date): string {
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 10);
}

/** A day so many days later. */
export function addDays(day: string, days: number): string {
  return toText(new Date(fromText(day).getTime() + days * DAY_MS));
}

/** First day of the week in the owner's region: 1 is Monday, 7 Sunday. */
export function firstWeekday(locale: string): number {
  const info = new Intl.Locale(locale) as Intl.Locale & {
    getWeekInfo?: () => { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return info.getWeekInfo?.().firstDay ?? info.weekInfo?.firstDay ?? 1;
}

function monthDay(date: Date, months: number, last: boolean): string {
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  return toText(new Date(last ? Date.UTC(year, month + 1, 0) : Date.UTC(year, month, 1)));
}

/** The day a key leads to, or null when the key means nothing here. `shown` may be empty or half typed. */
export function dayForKey(key: string, shown: string, today: string, weekStart: number): string | null {
  const complete = isDay(shown);
  const day = complete ? shown : today;
  const date = fromText(day);
  const sinceStart = (date.getUTCDay() - (weekStart % 7) + 7) % 7;
  const repeated = (first: string, again: () => string) => (complete && first === shown ? again() : first);
  switch (key.toLowerCase()) {
    case "t":
      return today;
    case "+":
    case "=":
      return addDays(day, 1);
    case "-":
      // A hyphen also belongs to a date being typed.
      return complete || shown === "" ? addDays(day, -1) : null;
    case "m":
      return repeated(monthDay(date, 0, false), () => monthDay(date, -1, false));
    case "h":
      return repeated(monthDay(date, 0, true), () => monthDay(date, 1, true));
    case "y":
      return repeated(`${day.slice(0, 4)}-01-01`, () => `${String(date.getUTCFullYear() - 1)}-01-01`);
    case "r":
      return repeated(`${day.slice(0, 4)}-12-31`, () => `${String(date.getUTCFullYear() + 1)}-12-31`);
    case "w":
      return repeated(addDays(day, -sinceStart), () => addDays(day, -7));
    case "k":
      return repeated(addDays(day, 6 - sinceStart), () => addDays(day, 7));
    default:
      return null;
  }
}
