/** What a record of a preview says at a glance, and how the records of a preview are counted. Pure. */
import type { ChangeDirection, PlanFilter, PlanItemView, PlanOutcome } from "../../api";
import { fieldValue, fieldWords } from "../../shared";

export const everything: PlanFilter = { direction: null, kind: null, decision: null, outcome: null, pairs: false };

/** The fields that tell one record of a kind from another, and the one that is its amount. */
const telling: Record<string, { facts: string[]; amount?: string }> = {
  customer: { facts: ["email", "phone", "billing.city"] },
  item: { facts: ["sku", "kind"], amount: "unit_price" },
  order: { facts: ["customer_name", "status"], amount: "total" },
  invoice: { facts: ["customer", "due_on"], amount: "total" },
  payment: { facts: ["method", "reference"], amount: "amount" },
  shipment: { facts: ["order_number", "carrier", "service"], amount: "cost" },
  charge: { facts: ["customer_name", "description"], amount: "amount" },
  refund: { facts: ["reason"], amount: "amount" },
  dispute: { facts: ["reason", "respond_by"], amount: "amount" },
  balance_entry: { facts: ["description", "category"], amount: "net" },
  payout: { facts: ["arrives_on", "status"], amount: "amount" },
};

function valueOf(item: PlanItemView, field: string): string {
  const change = item.fields.find((known) => known.field === field);
  const text = change?.after ?? change?.before ?? "";
  return text === "" ? "" : fieldValue(field, text);
}

// Values that say nothing without their name, such as a day.
const named = new Set(["due_on", "arrives_on", "respond_by", "order_number"]);

/** The most telling values of a record, as one line. */
export function factsOf(item: PlanItemView): string[] {
  return (telling[item.kind]?.facts ?? []).flatMap((field) => {
    const value = valueOf(item, field);
    if (value === "") return [];
    return [named.has(field) ? `${fieldWords(field)} ${value}` : value];
  });
}

/** What it is about in money; empty where that is not known. */
export function amountOf(item: PlanItemView): string {
  const field = telling[item.kind]?.amount;
  return field === undefined ? "" : valueOf(item, field);
}

/** Whether a title is only the vendor's own long number, such as "Charge ch_1SimLcVQAGMg". */
export function isNumberOnly(title: string): boolean {
  return /(^| )[a-z]{2,5}_[A-Za-z0-9]{8,}$/.test(title);
}

/** Records of a preview that go the same way at the same vendor, counted by what happens to which kind. */
export type PlanGroup = { key: string; vendor: string; direction: ChangeDirection; total: number; actions: [action: string, kinds: [kind: string, count: number][]][] };

export const groupOf = (item: PlanItemView) => `${item.connection_id} ${item.direction}`;

export function planGroups(items: PlanItemView[]): PlanGroup[] {
  const groups = new Map<string, { first: PlanItemView; total: number; actions: Map<string, Map<string, number>> }>();
  for (const item of items) {
    const group = groups.get(groupOf(item)) ?? { first: item, total: 0, actions: new Map<string, Map<string, number>>() };
    const kinds = group.actions.get(item.action) ?? new Map<string, number>();
    kinds.set(item.kind, (kinds.get(item.kind) ?? 0) + 1);
    group.actions.set(item.action, kinds);
    group.total += 1;
    groups.set(groupOf(item), group);
  }
  return [...groups.entries()].map(([key, { first, total, actions }]) => ({
    key,
    vendor: first.vendor_name,
    direction: first.direction,
    total,
    actions: [...actions.entries()].map(([action, kinds]) => [action, [...kinds.entries()]]),
  }));
}

/** A line of the list: where a group begins, where a kind begins, or a record. */
export type PlanLine =
  | { type: "group"; key: string; item: PlanItemView }
  | { type: "kind"; key: string; kind: string; count: number | null }
  | { type: "item"; key: string; item: PlanItemView };

/** The list with its headings. Kinds are counted once the whole list is known. */
export function planLines(items: PlanItemView[], complete: boolean): PlanLine[] {
  const lines: PlanLine[] = [];
  let before: PlanItemView | undefined;
  let heading: (PlanLine & { type: "kind" }) | undefined;
  for (const item of items) {
    const newGroup = before === undefined || groupOf(before) !== groupOf(item);
    if (newGroup) lines.push({ type: "group", key: `group ${item.id}`, item });
    if (newGroup || before?.kind !== item.kind) {
      heading = { type: "kind", key: `kind ${item.id}`, kind: item.kind, count: complete ? 0 : null };
      lines.push(heading);
    }
    if (heading && heading.count !== null) heading.count += 1;
    lines.push({ type: "item", key: item.id, item });
    before = item;
  }
  return lines;
}

/** Outcomes that the owner should know the reason of. */
export const isLeft = (outcome: PlanOutcome | null) => outcome !== null && outcome !== "done";
