import { describe, expect, it } from "vitest";
import type { PlanItemView } from "../../api";
import { amountOf, factsOf, isNumberOnly, planGroups, planLines } from "./planFacts";

let made = 0;
function item(kind: string, more: Partial<PlanItemView> = {}, fields: Record<string, string> = {}): PlanItemView {
  made += 1;
  const told = Object.entries(fields).map(([field, after]) => ({ field, before: null, after }));
  const where = { connection_id: "c1", vendor_name: "QuickBooks", direction: "in" as const, kind, record_id: null };
  return { id: String(made), ...where, title: `${kind} ${made}`, action: "created", fields: told, decision: "approve", pair: null, outcome: null, ...more };
}

describe("a record of a preview", () => {
  it("says what tells it from others, and its amount", () => {
    const invoice = item("invoice", {}, { customer: "Ada", due_on: "2026-09-23", total: "492.00 USD", memo: "x" });
    expect(factsOf(invoice)).toEqual(["Ada", expect.stringMatching(/^Due .*2026$/)]);
    expect(amountOf(invoice)).toBe("$492.00");
    expect(amountOf(item("customer"))).toBe("");
    expect(factsOf(item("something new", {}, { total: "1.00 USD" }))).toEqual([]);
  });

  it("may have no name but a vendor's number", () => {
    expect(isNumberOnly("Charge ch_1SimLcVQAGMgCj1R6V6ncy1D")).toBe(true);
    expect(isNumberOnly("Invoice INV_2026_0001")).toBe(false);
    expect(isNumberOnly("Stoneware mug")).toBe(false);
  });
});

describe("the records of a preview", () => {
  const items = [item("customer"), item("customer"), item("item"), item("customer", { action: "updated" }), item("invoice", { direction: "out" })];

  it("are counted by direction, by what happens, and by kind", () => {
    expect(planGroups(items)).toEqual([
      { key: "c1 in", vendor: "QuickBooks", direction: "in", total: 4, actions: [["created", [["customer", 2], ["item", 1]]], ["updated", [["customer", 1]]]] },
      { key: "c1 out", vendor: "QuickBooks", direction: "out", total: 1, actions: [["created", [["invoice", 1]]]] },
    ]);
  });

  it("have a heading where a direction or a kind begins", () => {
    const heads = planLines(items, true).map((line) => (line.type === "kind" ? `${line.kind} ${line.count}` : line.type));
    expect(heads).toEqual(["group", "customer 2", "item", "item", "item 1", "item", "customer 1", "item", "group", "invoice 1", "item"]);
  });

  it("are not counted by kind before all are known", () => {
    expect(planLines(items, false).filter((line) => line.type === "kind" && line.count !== null)).toEqual([]);
  });
});
