import { describe, expect, it } from "vitest";
import { decimalText, formatAgo, formatDay, formatDuration, formatList, formatMoney, formatPrice, formatQuantity, formatSince, isNegative, isZero, sentence } from "./format";

const usd = (minor: string) => ({ minor, currency: "USD" });

describe("money", () => {
  it("keeps every digit of an amount no number could hold", () => {
    expect(formatMoney(usd("98765432109876543210"))).toBe("$987,654,321,098,765,432.10");
  });

  it("puts the point where the currency has it", () => {
    expect(decimalText({ minor: "1050", currency: "JPY" })).toBe("1050");
    expect(decimalText({ minor: "1050", currency: "KWD" })).toBe("1.050");
    expect(decimalText(usd("1050"))).toBe("10.50");
  });

  it("fills up amounts below one unit and keeps the sign", () => {
    expect(decimalText(usd("5"))).toBe("0.05");
    expect(decimalText(usd("-5"))).toBe("-0.05");
    expect(formatMoney(usd("-1234567"))).toBe("-$12,345.67");
  });

  it("shows cents of a currency that Intl would round", () => {
    expect(formatMoney({ minor: "12345", currency: "AFN" })).toContain("123.45");
  });

  it("writes a unit price with all its decimals, and at least those of its currency", () => {
    const written = (decimal: string, currency = "USD") => formatPrice({ decimal, currency });
    expect(written("12.50")).toBe("$12.50");
    expect(written("0.0125")).toBe("$0.0125");
    expect(written("-1234.3333333")).toBe("-$1,234.3333333");
    expect(written("98765432109876543.0000001")).toBe("$98,765,432,109,876,543.0000001");
    expect(written("100", "JPY")).toBe("¥100");
    expect(written("0.25", "JPY")).toBe("¥0.25");
    expect(written("1.2345", "KWD")).toContain("1.2345");
  });

  it("knows zero and below", () => {
    expect(isZero(usd("0"))).toBe(true);
    expect(isZero(usd("-0"))).toBe(true);
    expect(isZero(usd("10"))).toBe(false);
    expect(isNegative(usd("-10"))).toBe(true);
    expect(isNegative(usd("-0"))).toBe(false);
  });
});

describe("quantities, times and words", () => {
  it("marks thousands of a quantity and leaves other text alone", () => {
    expect(formatQuantity("12345.5")).toBe("12,345.5");
    expect(formatQuantity("2 boxes")).toBe("2 boxes");
    expect(formatQuantity("")).toBe("");
  });

  it("shows a day as that day in every time zone", () => {
    expect(formatDay("2026-01-01")).toContain("2026");
    expect(formatDay("2026-01-01")).toMatch(/Jan 1|1 Jan/);
    expect(formatDay("soon")).toBe("soon");
    expect(formatDay(null)).toBe("");
  });

  it("says how long ago", () => {
    const now = Date.parse("2026-06-30T12:00:00Z");
    expect(formatAgo("2026-06-30T11:55:00Z", now)).toBe("5 minutes ago");
    expect(formatAgo("2026-06-29T12:00:00Z", now)).toBe("yesterday");
    expect(formatAgo("2026-06-30T11:59:50Z", now)).toBe("now");
    expect(formatAgo("2026-01-01T12:00:00Z", now)).toContain("2026");
  });

  it("never says that something has happened in the future, however far the clocks differ", () => {
    const now = Date.parse("2026-06-30T12:00:00Z");
    expect(formatSince("2026-06-30T12:02:00Z", now)).toBe("now");
    expect(formatSince("2026-06-30T19:00:00Z", now)).toBe("now");
    expect(formatSince("2027-06-30T12:00:00Z", now)).toBe("now");
    expect(formatSince("2026-06-30T11:55:00Z", now)).toBe("5 minutes ago");
    expect(formatSince(null, now)).toBe("");
  });

  it("says how long", () => {
    expect(formatDuration(4200)).toBe("4 sec");
    expect(formatDuration(166)).toBe("0.2 sec");
    expect(formatDuration(0)).toBe("0 sec");
    expect(formatDuration(72_000)).toBe("1 min 12 sec");
    expect(formatDuration(3_720_000)).toBe("1 hr 2 min");
  });

  it("makes a sentence of what a program says", () => {
    expect(sentence("this invoice no longer exists")).toBe("This invoice no longer exists.");
    expect(sentence("Number A-7 is taken. A-8 is free.")).toBe("Number A-7 is taken. A-8 is free.");
    expect(sentence(" ")).toBe("");
  });
});

describe("names in a row", () => {
  it("end with a word before the last", () => {
    expect(formatList(["QuickBooks"])).toBe("QuickBooks");
    expect(formatList(["QuickBooks", "Stripe"])).toBe("QuickBooks and Stripe");
  });
});
