/** Drafts of invoices and their lines as the form starts and sends them. */
import type { InvoiceDraft, InvoiceLineDraft, TaxCodeView } from "../../api";
import { newId } from "../../shared";

/** An empty line as a form starts with it. */
export function newLine(taxCodeId: string | null): InvoiceLineDraft {
  return { id: newId(), item_id: null, description: "", quantity: "1", unit_price: "", discount: "", tax_code_id: taxCodeId };
}

/** Codes with their rates. "No tax" is offered once: as the owner's own code of zero, or as none at all. */
export function taxChoices(codes: TaxCodeView[], chosen: string | null, noTax: string): { value: string; label: string }[] {
  const free = (code: TaxCodeView) => /^0*(\.0*)?$/.test(code.percent);
  const named = codes.map((code) => ({ value: code.id, label: free(code) ? code.name : `${code.name} ${code.percent} %` }));
  return chosen !== null && codes.some(free) ? named : [{ value: "", label: noTax }, ...named];
}

/** What is sent: a draft takes no number, unless the owner typed one of their own. */
export function forSaving(typed: InvoiceDraft, initial: InvoiceDraft, asDraft: boolean): InvoiceDraft {
  const proposed = initial.version === null && typed.number === initial.number;
  return { ...typed, as_draft: asDraft, number: asDraft && proposed ? "" : typed.number };
}
