/** Words of the sync that more than one of its views uses. */
import type { MessageDescriptor } from "@lingui/core";
import { msg, plural } from "@lingui/core/macro";
import type { RunTrigger, UndoOutcome } from "../../api";

export const triggerWords: Record<RunTrigger, MessageDescriptor> = {
  owner: msg`By you`,
  timer: msg`By the timer`,
  connected: msg`After connecting`,
  command_line: msg`By the command line`,
  planned: msg`After a preview`,
  undo: msg`Undoing a run`,
};

/** What undoing a run does to a record. */
export const undoWords: Record<UndoOutcome, MessageDescriptor> = {
  put_back: msg`Earlier values put back`,
  retired: msg`Voided, cancelled or made inactive there`,
  archived_here: msg`Archived here; stays over there`,
  as_before: msg`As before already`,
  left: msg`Stays as it is`,
};

/** Kinds of records as owners call them; a kind not known here is shown as it is. */
export const kindWords: Record<string, MessageDescriptor> = {
  customer: msg`Customer`,
  item: msg`Item`,
  order: msg`Order`,
  invoice: msg`Invoice`,
  payment: msg`Payment`,
  shipment: msg`Shipment`,
  charge: msg`Charge`,
  refund: msg`Refund`,
  dispute: msg`Dispute`,
  balance_entry: msg`Balance entry`,
  payout: msg`Payout`,
  connection: msg`Connection`,
};

/** Kinds of records in the plural, as headings of groups. */
export const kindGroups: Record<string, MessageDescriptor> = {
  customer: msg`Customers`,
  item: msg`Items`,
  order: msg`Orders`,
  invoice: msg`Invoices`,
  payment: msg`Payments`,
  shipment: msg`Shipments`,
  charge: msg`Charges`,
  refund: msg`Refunds`,
  dispute: msg`Disputes`,
  balance_entry: msg`Balance entries`,
  payout: msg`Payouts`,
};

/** How many records of a kind, such as "12 invoices". */
export function kindCount(kind: string, count: number): string {
  switch (kind) {
    case "customer":
      return plural(count, { one: "# customer", other: "# customers" });
    case "item":
      return plural(count, { one: "# item", other: "# items" });
    case "order":
      return plural(count, { one: "# order", other: "# orders" });
    case "invoice":
      return plural(count, { one: "# invoice", other: "# invoices" });
    case "payment":
      return plural(count, { one: "# payment", other: "# payments" });
    case "shipment":
      return plural(count, { one: "# shipment", other: "# shipments" });
    case "charge":
      return plural(count, { one: "# charge", other: "# charges" });
    case "refund":
      return plural(count, { one: "# refund", other: "# refunds" });
    case "dispute":
      return plural(count, { one: "# dispute", other: "# disputes" });
    case "balance_entry":
      return plural(count, { one: "# balance entry", other: "# balance entries" });
    case "payout":
      return plural(count, { one: "# payout", other: "# payouts" });
    default:
      return plural(count, { one: "# record", other: "# records" });
  }
}

/** The words before a title, such as "Invoice" before "1007"; none where the title says them itself ("Payment of …"). */
export function kindBefore(kind: string, title: string): string {
  return title.toLowerCase().startsWith(kind.toLowerCase()) ? "" : `${kind} `;
}
