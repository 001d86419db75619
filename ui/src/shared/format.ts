/** Money, quantities and times as the owner reads them, through Intl. Formats only; nothing here adds or multiplies. */
import type { MoneyView, PriceView } from "../api";
import { isDay } from "./dateKeys";
import { locale } from "./locale";

// ISO 4217 minor units; all others have two. Intl follows CLDR, which rounds some currencies that have cents.
const NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ");
const THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND".split(" ");
const FOUR_DECIMALS = "CLF UYW".split(" ");

/** Decimal places of a currency. */
export function minorDigits(currency: string): number {
  if (NO_DECIMALS.includes(currency)) return 0;
  if (THREE_DECIMALS.includes(currency)) return 3;
  return FOUR_DECIMALS.includes(currency) ? 4 : 2;
}

/** Minor units as a plain decimal: `{1050, USD}` is `10.50`. Text all the way, so no digit is ever lost. */
export function decimalText(money: MoneyView): string {
  const digits = minorDigits(money.currency);
  const negative = money.minor.startsWith("-");
  const bare = (negative ? money.minor.slice(1) : money.minor).padStart(digits + 1, "0");
  const whole = bare.slice(0, bare.length - digits);
  const text = digits === 0 ? whole : `${whole}.${bare.slice(bare.length - digits)}`;
  return negative ? `-${text}` : text;
}

const moneyFormats = new Map<string, Intl.NumberFormat>();

function moneyFormat(currency: string, digits = minorDigits(currency)): Intl.NumberFormat {
  const key = `${currency} ${digits}`;
  const known = moneyFormats.get(key);
  if (known) return known;
  const format = new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  moneyFormats.set(key, format);
  return format;
}

/** A unit price has as many decimals as it needs, and at least those of its currency. */
function priceFormat({ decimal, currency }: PriceView): Intl.NumberFormat {
  const [, beyond = ""] = decimal.split(".");
  return moneyFormat(currency, Math.max(minorDigits(currency), beyond.length));
}

/** A unit price with its symbol, such as `$0.0125`. */
export function formatPrice(price: PriceView): string {
  return priceFormat(price).format(price.decimal as DecimalText);
}

/** The same in parts, as `moneyParts` gives them. */
export function priceParts(price: PriceView): { symbol: boolean; text: string }[] {
  return split(priceFormat(price), price.decimal);
}

function split(format: Intl.NumberFormat, decimal: string): { symbol: boolean; text: string }[] {
  return format.formatToParts(decimal as DecimalText).map((part) => ({ symbol: part.type === "currency", text: part.value }));
}

// Intl takes decimal text and keeps every digit; a number would lose some.
type DecimalText = `${number}`;

/** An amount with its symbol, such as `$1,050.00`. */
export function formatMoney(money: MoneyView): string {
  return moneyFormat(money.currency).format(decimalText(money) as DecimalText);
}

/** The same in parts, so that the symbol can be set quieter than the figures. */
export function moneyParts(money: MoneyView): { symbol: boolean; text: string }[] {
  return split(moneyFormat(money.currency), decimalText(money));
}

/** Zero, whatever the currency. */
export function isZero(money: MoneyView): boolean {
  return /^-?0*$/.test(money.minor);
}

/** Below zero. */
export function isNegative(money: MoneyView): boolean {
  return money.minor.startsWith("-") && !isZero(money);
}

const quantityFormat = new Intl.NumberFormat(locale, { maximumFractionDigits: 12 });

/** A quantity with thousands marked; what is no number stays as it is. */
export function formatQuantity(text: string): string {
  return /^-?\d+(\.\d+)?$/.test(text) ? quantityFormat.format(text as DecimalText) : text;
}

const dayFormat = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
const momentFormat = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

/** A calendar day (`YYYY-MM-DD`); days have no time zone. */
export function formatDay(day: string | null): string {
  return day === null ? "" : isDay(day) ? dayFormat.format(new Date(`${day}T00:00:00Z`)) : day;
}

/** A moment (RFC 3339) in the computer's time zone. */
export function formatMoment(moment: string | null): string {
  if (moment === null) return "";
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? moment : momentFormat.format(date);
}

const relativeFormat = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** How long ago, or until: "5 minutes ago", "in 2 days". Older than a week reads as a date. */
export function formatAgo(moment: string | null, nowMs: number): string {
  if (moment === null) return "";
  const distance = new Date(moment).getTime() - nowMs;
  if (Number.isNaN(distance)) return moment;
  if (Math.abs(distance) > 7 * 86_400_000) return formatMoment(moment);
  const step = STEPS.find(([, length]) => Math.abs(distance) >= length);
  return step ? relativeFormat.format(Math.round(distance / step[1]), step[0]) : relativeFormat.format(0, "second");
}

/** How long ago something happened. Clocks differ by minutes: what has happened was never in the future. */
export function formatSince(moment: string | null, nowMs: number): string {
  const then = moment === null ? Number.NaN : new Date(moment).getTime();
  return formatAgo(moment, Number.isNaN(then) ? nowMs : Math.max(nowMs, then));
}

/** A length of time, such as `1 min 12 s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const unit = (value: number, name: "hour" | "minute" | "second") =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 1 }).format(value);
  // A short run took some time all the same.
  if (milliseconds > 0 && milliseconds < 950) return unit(Math.max(0.1, milliseconds / 1000), "second");
  if (seconds < 60) return unit(seconds, "second");
  if (seconds < 3600) return `${unit(Math.floor(seconds / 60), "minute")} ${unit(seconds % 60, "second")}`;
  return `${unit(Math.floor(seconds / 3600), "hour")} ${unit(Math.floor((seconds % 3600) / 60), "minute")}`;
}

const listFormat = new Intl.ListFormat(locale, { style: "long", type: "conjunction" });

/** Names in a row, such as "QuickBooks, ShipStation, and Stripe". */
export function formatList(names: string[]): string {
  return listFormat.format(names);
}

/** What a program says, as a sentence: a capital first, a stop at the end. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  const started = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…:]$/.test(started) ? started : `${started}.`;
}
