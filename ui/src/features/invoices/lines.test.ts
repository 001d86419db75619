import { describe, expect, it } from "vitest";
import type { InvoiceDraft } from "../../api";
import { forSaving, newLine, taxChoices } from "./lines";

const code = (name: string, percent: string) => ({ id: name, name, percent, archived: false });
const draft = (over: Partial<InvoiceDraft>) => ({ version: null, number: "INV-1001", as_draft: false, ...over }) as InvoiceDraft;

describe("lines of an invoice", () => {
  it("start with one piece, no price and the company's tax code, each with an id of its own", () => {
    expect(newLine("vat")).toMatchObject({ item_id: null, quantity: "1", unit_price: "", tax_code_id: "vat" });
    expect(newLine(null).id).not.toBe(newLine(null).id);
  });

  it("offer no tax once", () => {
    const own = [code("Exempt", "0"), code("Sales tax", "5.5")];
    expect(taxChoices(own, "Exempt", "No tax").map(({ label }) => label)).toEqual(["Exempt", "Sales tax 5.5 %"]);
    expect(taxChoices([code("VAT", "20")], "VAT", "No tax").map(({ label }) => label)).toEqual(["No tax", "VAT 20 %"]);
  });

  it("keep showing a line that has no code at all", () => {
    expect(taxChoices([code("Exempt", "0.00")], null, "No tax")).toEqual([{ value: "", label: "No tax" }, { value: "Exempt", label: "Exempt" }]);
  });
});

describe("what is sent of an invoice", () => {
  it("has the number on show", () => {
    expect(forSaving(draft({}), draft({}), false)).toMatchObject({ number: "INV-1001", as_draft: false });
  });

  it("leaves the proposed number to others while it is a draft", () => {
    expect(forSaving(draft({}), draft({}), true)).toMatchObject({ number: "", as_draft: true });
  });

  it("keeps a number the owner typed, even in a draft", () => {
    expect(forSaving(draft({ number: "2026/7" }), draft({}), true).number).toBe("2026/7");
    expect(forSaving(draft({ version: 2 }), draft({ version: 2 }), true).number).toBe("INV-1001");
  });
});
