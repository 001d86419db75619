/**
 * Days as people type and paste them: `11/20/2026`, `20.11.2026`, `2026-11-20`, `Nov 20, 2026`. The order of day and month is
 * the owner's; where only the other order makes a day, that is meant.
 */
import { isDay } from "./dateKeys";
import { locale } from "./locale";

const MILLENNIUM = 2000;

/** The order of a date's parts in a language and region, such as `mdy`. */
export function orderOf(wanted: string): string {
  const parts = new Intl.DateTimeFormat(wanted, { year: "numeric", month: "2-digit", day: "2-digit", calendar: "gregory" }).formatToParts(0);
  return parts.flatMap(({ type }) => (type === "year" || type === "month" || type === "day" ? [type.charAt(0)] : [])).join("");
}

/** Names of the months, long and short, in the owner's language and in English. */
function monthNames(wanted: string): Map<string, number> {
  const names = new Map<string, number>();
  for (const [language, style] of [wanted, "en-US"].flatMap((language) => [[language, "long"] as const, [language, "short"] as const])) {
    const format = new Intl.DateTimeFormat(language, { month: style, day: "numeric", timeZone: "UTC", calendar: "gregory" });
    for (let month = 0; month < 12; month++) {
      const name = format.formatToParts(Date.UTC(2026, month, 1)).find((part) => part.type === "month")?.value ?? "";
      if (!/\d/.test(name)) names.set(wordKey(name), month + 1);
    }
  }
  return names;
}

const wordKey = (word: string) => word.normalize("NFKD").replaceAll(/[\p{M}.]/gu, "").toLowerCase();

function toDay(year: number, month: number, day: number): string | null {
  const text = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  return isDay(text) ? text : null;
}

const fullYear = (text: string) => (text.length <= 2 ? MILLENNIUM + Number(text) : Number(text));

/** Digits of any script as plain ones. */
function plainDigits(text: string): string {
  return text.normalize("NFKC").replaceAll(/\p{Nd}/gu, (digit) => {
    let zero = digit.codePointAt(0) ?? 0;
    const value = zero;
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && value - zero < 9) zero -= 1;
    return String(value - zero);
  });
}

/** The day a text stands for (`YYYY-MM-DD`), or null when it is none or not a whole one yet. */
export function readDay(text: string, wanted = locale): string | null {
  const plain = plainDigits(text).replaceAll(/[\p{Cf}]/gu, "").trim();
  if (isDay(plain)) return plain;
  const parts = plain.match(/\d+|[\p{L}\p{M}]+/gu) ?? [];
  const numbers = parts.filter((part) => /^\d+$/.test(part));
  const words = parts.filter((part) => !/^\d+$/.test(part));
  if (numbers.length === 2 && words.length >= 1) {
    const names = monthNames(wanted);
    const month = words.map((word) => names.get(wordKey(word))).find((found) => found !== undefined);
    const [first = "", second = ""] = numbers;
    if (month === undefined) return null;
    return first.length === 4 ? toDay(Number(first), month, Number(second)) : toDay(fullYear(second), month, Number(first));
  }
  if (words.length > 0 || numbers.length !== 3 || numbers.some((part) => part.length > 4)) return null;
  const [first = "", second = "", third = ""] = numbers;
  // A year of four digits in front is followed by month and day everywhere.
  if (first.length === 4) return toDay(Number(first), Number(second), Number(third));
  const order = orderOf(wanted);
  if (order.startsWith("y") && first.length === 2 && third.length <= 2) return toDay(fullYear(first), Number(second), Number(third));
  if (first.length > 2 || second.length > 2 || (third.length !== 2 && third.length !== 4)) return null;
  const dayFirst = toDay(fullYear(third), Number(second), Number(first));
  const monthFirst = toDay(fullYear(third), Number(first), Number(second));
  return order.indexOf("d") < order.indexOf("m") ? (dayFirst ?? monthFirst) : (monthFirst ?? dayFirst);
}

/** How a day is typed here, such as `MM/DD/YYYY`. */
export function dayPattern(wanted = locale): string {
  const parts = new Intl.DateTimeFormat(wanted, { year: "numeric", month: "2-digit", day: "2-digit", calendar: "gregory" }).formatToParts(0);
  const letters: Record<string, string> = { year: "YYYY", month: "MM", day: "DD" };
  return parts.map(({ type, value }) => letters[type] ?? value).join("");
}
