import { describe, expect, it } from "vitest";
import { fieldValue, fieldWords, toldChanges } from "./fieldText";

const made = (fields: Record<string, string | null>) =>
  toldChanges(Object.entries(fields).map(([field, after]) => ({ field, before: null, after })));

describe("fields in words", () => {
  it("turns a field's name into words", () => {
    expect(fieldWords("billing.postal_code")).toBe("Billing postal code");
    expect(fieldWords("billing.line1")).toBe("Billing street");
    expect(fieldWords("display_name")).toBe("Name");
    expect(fieldWords("sku")).toBe("SKU");
    expect(fieldWords("lines.1")).toBe("Line 1");
    expect(fieldWords("lines.12.shipped")).toBe("Line 12 shipped");
    expect(fieldWords("took_theirs")).toBe("Took theirs");
  });

  it("writes amounts, days and fixed words as owners do", () => {
    expect(fieldValue("total", "1492.00 USD")).toBe("$1,492.00");
    expect(fieldValue("total", "-5.5 USD")).toBe("-$5.50");
    expect(fieldValue("total", "1200 JPY")).toMatch(/^¥1,200$/);
    expect(fieldValue("unit_price", "0.0125 USD")).toBe("$0.0125");
    expect(fieldValue("unit_cost", "-0.3333333 USD")).toBe("-$0.3333333");
    expect(fieldValue("unit_price", "0.25 JPY")).toBe("¥0.25");
    expect(fieldValue("due_on", "2026-09-23")).toMatch(/Sep 23, 2026|23 Sep/);
    expect(fieldValue("status", "partly_paid")).toBe("Partly paid");
    expect(fieldValue("notes", "partly_paid")).toBe("partly_paid");
    expect(fieldValue("status", "Ready by 5")).toBe("Ready by 5");
  });
});

describe("values of text fields", () => {
  it("are shown as typed, whatever they look like", () => {
    for (const [field, text] of [
      ["number", "2026-11-32"],
      ["number", "2026-11-30"],
      ["sku", "1001-20-50"],
      ["sku", "100 RED"],
      ["sku", "0 RED"],
      ["billing.line1", "12 ELM"],
      ["name", "5.00 USD"],
      ["reference", "2026-11-30T10:00"],
      ["note", "partly_paid"],
      ["method", "bank_transfer"],
      ["metadata.total", "5 USD"],
      ["lines.1", "1 USD"],
    ] as const) {
      expect(fieldValue(field, text), field).toBe(text);
      expect(made({ [field]: text })).toHaveLength(1);
    }
  });

  it("are shown as they are where a day is none", () => {
    expect(fieldValue("due_on", "2026-11-32")).toBe("2026-11-32");
    expect(fieldValue("created_at", "soon")).toBe("soon");
  });
});

describe("changes worth telling", () => {
  it("say an address that is new in one line, and the same one only once", () => {
    const address = { line1: "22 Front Street", city: "Bath", region: "ME", postal_code: "04530", country: "US" };
    const of = (group: string) => Object.fromEntries(Object.entries(address).map(([part, text]) => [`${group}.${part}`, text]));
    expect(made({ display_name: "Heron", ...of("billing"), ...of("shipping") })).toEqual([
      { field: "display_name", label: "Name", before: null, after: "Heron" },
      { field: "billing", label: "Billing address", before: null, after: "22 Front Street, Bath ME 04530, US" },
      { field: "shipping", label: "Shipping address", before: null, after: "the same as billing address" },
    ]);
  });

  it("leave out ids, what is empty on both sides, and amounts of nothing of a new record", () => {
    expect(made({ customer_id: "7", metadata: "{}", note: null, discount: "0.00 USD", voided: "no", active: "yes", total: "5.00 USD" })).toEqual([
      { field: "total", label: "Total", before: null, after: "$5.00" },
    ]);
  });

  it("keep an amount that became nothing, and the parts of an address that changed", () => {
    const told = toldChanges([
      { field: "total", before: "5.00 USD", after: "0.00 USD" },
      { field: "billing.line1", before: "1 Quay", after: "2 Quay" },
      { field: "billing.line2", before: null, after: "Left door" },
    ]);
    expect(told.map(({ label, before, after }) => [label, before, after])).toEqual([
      ["Total", "$5.00", "$0.00"],
      ["Billing street", "1 Quay", "2 Quay"],
      ["Billing street, second line", null, "Left door"],
    ]);
  });
});
