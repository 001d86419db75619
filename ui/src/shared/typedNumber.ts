/**
 * Numbers in form fields, in the owner's own writing. The app reads what was typed; all that happens here is to say which marks
 * it is written with, and to show a number of the app with these marks. `{,.}1.250,00` is what an owner typed who reads
 * `1.250,00 €`; numbers of the app, and of owners who write as it does, carry no mark.
 */
import { locale } from "./locale";

/** Marks of decimals and thousands. */
export type Writing = { decimal: string; group: string };

const PLAIN: Writing = { decimal: ".", group: "," };
const READABLE = [".", ",", "'", "’", " ", "\u{A0}", "\u{202F}", "\u{2009}", "٫", "٬"];

/** How numbers are written in a language and region; as the app writes them where the app can't read the marks. */
export function writingOf(wanted: string): Writing {
  const parts = new Intl.NumberFormat(wanted).formatToParts(1234567.8);
  const mark = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  const decimal = mark("decimal");
  const group = mark("group") || (decimal === "," ? "." : ",");
  return READABLE.includes(decimal) && READABLE.includes(group) ? { decimal, group } : PLAIN;
}

const own = writingOf(locale);
const isPlain = ({ decimal, group }: Writing) => decimal === PLAIN.decimal && group === PLAIN.group;

/** Typed text with its marks, as a draft carries it. */
export function typedNumber(text: string, writing = own): string {
  return text.trim() === "" || isPlain(writing) ? text : `{${writing.decimal}${writing.group}}${text}`;
}

/** What was typed, without its marks. */
export function asTyped(value: string): string {
  return value.replace(/^\{[^\p{L}\p{N}{}]{2}\}/u, "");
}

/** The value of a draft as its field shows it: as typed, or a number of the app in the owner's writing. */
export function shownNumber(value: string, writing = own): string {
  const typed = asTyped(value);
  if (typed !== value || isPlain(writing)) return typed;
  return value.replace(/[.,]/g, (mark) => (mark === PLAIN.decimal ? writing.decimal : writing.group));
}
