/** Live totals: core computes them a moment after the last key. */
import { useDebouncedValue } from "@mantine/hooks";
import { type InvoiceDraft, useRead } from "../../api";

const DELAY_MS = 120;

export function useInvoicePreview(draft: InvoiceDraft) {
  const [settled] = useDebouncedValue(draft, DELAY_MS);
  return useRead("previewInvoice", [settled], { keepPrevious: true });
}
