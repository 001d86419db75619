import { describe, expect, it } from "vitest";
import type { InvoiceRow } from "../../api";
import { newApplied, paidParts } from "./applied";

const open = [
  { id: "a", balance: { minor: "12000", currency: "USD" } },
  { id: "b", balance: { minor: "805", currency: "USD" } },
] as InvoiceRow[];

describe("what a payment pays", () => {
  it("is the whole balance of the invoice it was opened from", () => {
    expect(newApplied(open, "b")).toEqual([{ invoice_id: "a", amount: "" }, { invoice_id: "b", amount: "8.05" }]);
  });

  it("is nothing yet where no invoice is meant", () => {
    expect(newApplied(open, null).every(({ amount }) => amount === "")).toBe(true);
  });

  it("is sent without the empty fields and as it was typed", () => {
    expect(paidParts([{ invoice_id: "a", amount: " " }, { invoice_id: "b", amount: "5+3.05" }])).toEqual([{ invoice_id: "b", amount: "5+3.05" }]);
  });
});
