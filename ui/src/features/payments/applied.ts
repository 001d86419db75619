/** How much of a payment goes to which invoice, as typed. */
import type { AppliedDraft, InvoiceRow } from "../../api";
import { decimalText } from "../../shared";

/** One part for each open invoice: the whole balance of the wanted one, nothing yet of the others. */
export function newApplied(open: InvoiceRow[], wanted: string | null): AppliedDraft[] {
  return open.map((row) => ({ invoice_id: row.id, amount: row.id === wanted ? decimalText(row.balance) : "" }));
}

/** The parts that pay something; an empty field pays nothing. */
export function paidParts(applied: AppliedDraft[]): AppliedDraft[] {
  return applied.filter((part) => part.amount.trim() !== "");
}
