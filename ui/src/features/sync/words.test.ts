import { describe, expect, it } from "vitest";
import { kindBefore, kindCount, kindGroups, kindWords, triggerWords } from "./words";

// Every kind of record that a connector may bring, and the connection itself.
const KINDS = "customer item order invoice payment shipment charge refund dispute balance_entry payout connection".split(" ");

describe("words of the sync", () => {
  it("name every kind of record, each differently", () => {
    const named = KINDS.map((kind) => kindWords[kind]?.message);
    expect(named).not.toContain(undefined);
    expect(new Set(named).size).toBe(KINDS.length);
  });

  it("count every kind of record in its own words", () => {
    for (const kind of KINDS.filter((kind) => kind !== "connection")) {
      expect(kindCount(kind, 2).toLowerCase()).toBe(`2 ${kindGroups[kind]?.message?.toLowerCase()}`);
      expect(kindCount(kind, 1).toLowerCase()).toBe(`1 ${kindWords[kind]?.message?.toLowerCase()}`);
    }
    expect(kindCount("something new", 3)).toBe("3 records");
  });

  it("name everything that starts a run", () => {
    expect(Object.values(triggerWords).every(({ message }) => (message ?? "") !== "")).toBe(true);
  });

  it("don't say the kind twice", () => {
    expect(kindBefore("Invoice", "1007")).toBe("Invoice ");
    expect(kindBefore("Payment", "Payment of 2026-11-15 from Anna")).toBe("");
    expect(kindBefore("Invoice", "invoice 1007")).toBe("");
  });
});
