/** Fields of a history, a preview or a run as owners read them: their names, their values, and which of them say something. */
import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import type { FieldChange } from "../api";
import { formatDay, formatMoment, formatPrice } from "./format";

/** Names that don't read well as they are, part by part: `billing.line1` is "Billing street". */
const names: Record<string, MessageDescriptor> = {
  display_name: msg`name`,
  line1: msg`street`,
  line2: msg`street, second line`,
  region: msg`state or region`,
  sku: msg`SKU`,
  unit_price: msg`price`,
  unit_cost: msg`cost`,
  kind: msg`type`,
  issued_on: msg`date`,
  due_on: msg`due`,
  received_on: msg`received`,
  ordered_on: msg`ordered`,
  ordered_at: msg`ordered`,
  shipped_on: msg`shipped`,
  arrives_on: msg`arrives`,
  available_on: msg`available`,
  created_at: msg`made`,
  respond_by: msg`answer by`,
  applied: msg`pays`,
  deposit_to: msg`deposited to`,
  order_number: msg`order`,
  customer_name: msg`customer`,
  customer_email: msg`customer's email`,
};

/** A field's technical name as words: `display_name` is "Name", `lines.2` of a history is "Line 2". */
export function fieldWords(field: string): string {
  const counted = field.replaceAll(/\b(\w+?)s\.(\d+)\b/g, "$1 $2");
  const words = counted
    .split(".")
    .map((part) => (names[part] ? i18n._(names[part]) : part.replaceAll("_", " ")))
    .join(" ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

type Kind = "money" | "day" | "moment" | "words";

// What a field holds, by the last part of its name. All others are text, which is shown as it was typed, whatever it looks like.
const kinds: Record<string, Kind> = {
  ...byKind("money", "amount balance cost deposit discount fee net paid refunded shipping shipping_amount subtotal tax tax_amount total unit_cost unit_price"),
  ...byKind("day", "arrives_on available_on due_on hold_until issued_on ordered_on received_on shipped_on"),
  ...byKind("moment", "created_at ordered_at respond_by updated_at"),
  ...byKind("words", "category deposit_to kind reason status"),
};

function byKind(kind: Kind, fields: string): Record<string, Kind> {
  return Object.fromEntries(fields.split(" ").map((field) => [field, kind]));
}

function kindOf(field: string): Kind | undefined {
  // Keys of metadata are the owner's own words.
  return field.startsWith("metadata") ? undefined : kinds[field.split(".").at(-1) ?? ""];
}

/** A value as text of core in the owner's own writing: amounts, days and moments through Intl, fixed words without underscores. */
export function fieldValue(field: string, text: string): string {
  const kind = kindOf(field);
  if (kind === "money") return moneyValue(text);
  if (kind === "day") return formatDay(text);
  if (kind === "moment") return formatMoment(text);
  if (kind === "words" && /^[a-z]+(_[a-z]+)*$/.test(text)) return fieldWords(text);
  return text;
}

function moneyValue(text: string): string {
  const [, decimal, currency] = /^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/.exec(text) ?? [];
  return decimal === undefined || currency === undefined ? text : formatPrice({ decimal, currency });
}

/** A change that is told: what it is about, before and after, in words. */
export type ToldChange = { field: string; label: string; before: string | null; after: string | null };

const addressParts = ["name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone"];
const none = (text: string | null) => text === null || text === "";

// What a new record is unless somebody says otherwise.
const usual: Record<string, string> = { voided: "no", archived: "no", active: "yes" };

/** What a new record has of no meaning yet: an amount of nothing, what it is anyway, and what only computers read. */
const idle = ({ field, after }: FieldChange) =>
  field === "metadata" || usual[field] === after || (kindOf(field) === "money" && /^0(\.0+)? [A-Z]{3}$/.test(after ?? ""));

/**
 * The changes worth telling, in words. Ids are left out, because what they stand for has a field of its own; so is what is
 * empty on both sides. An address that is new as a whole is one line, and the same one again says so.
 */
export function toldChanges(fields: FieldChange[]): ToldChange[] {
  const made = fields.every(({ before }) => none(before));
  const worth = fields.filter(
    (change) => !/(^|[_.])id$/.test(change.field) && !(none(change.before) && none(change.after)) && !(made && idle(change)),
  );
  const addresses = newAddresses(worth);
  const told: ToldChange[] = [];
  for (const { field, before, after } of worth) {
    const group = field.slice(0, field.lastIndexOf("."));
    const address = addresses[group];
    if (address === undefined) {
      const value = (text: string | null) => (text === null || text === "" ? null : fieldValue(field, text));
      told.push({ field, label: fieldWords(field), before: value(before), after: value(after) });
    } else if (!told.some((known) => known.field === group)) {
      const [earlier] = told.filter((known) => addresses[known.field] === address);
      const after = earlier === undefined ? address : t`the same as ${earlier.label.toLowerCase()}`;
      told.push({ field: group, label: group === "ship_to" ? fieldWords(group) : t`${fieldWords(group)} address`, before: null, after });
    }
  }
  return told;
}

/** The addresses none of whose parts was there before, as one line each. */
function newAddresses(fields: FieldChange[]): Record<string, string> {
  const groups: Record<string, FieldChange[]> = {};
  for (const change of fields) {
    const [group = "", part = "", ...more] = change.field.split(".");
    if (more.length === 0 && addressParts.includes(part)) (groups[group] ??= []).push(change);
  }
  const lines: Record<string, string> = {};
  for (const [group, parts] of Object.entries(groups)) {
    if (parts.length < 2 || parts.some(({ before, after }) => !none(before) || none(after))) continue;
    const part = (name: string) => parts.find(({ field }) => field === `${group}.${name}`)?.after ?? "";
    const place = [part("city"), part("region"), part("postal_code")].filter(Boolean).join(" ");
    const whole = [part("name"), part("company"), part("line1"), part("line2"), place, part("country"), part("phone")];
    lines[group] = whole.filter(Boolean).join(", ");
  }
  return lines;
}
