import { describe, expect, it } from "vitest";
import { dayForKey, firstWeekday, isDay } from "./dateKeys";

const TODAY = "2024-02-14";
const SUNDAY = 7;
const MONDAY = 1;
const press = (key: string, shown: string, weekStart = SUNDAY) => dayForKey(key, shown, TODAY, weekStart);

describe("date keys", () => {
  it("goes to today, one day on and one day back", () => {
    expect(press("t", "2020-01-01")).toBe(TODAY);
    expect(press("+", "2024-02-28")).toBe("2024-02-29");
    expect(press("=", "2023-12-31")).toBe("2024-01-01");
    expect(press("-", "2024-03-01")).toBe("2024-02-29");
  });

  it("starts from today when the field is empty", () => {
    expect(press("-", "")).toBe("2024-02-13");
    expect(press("m", "")).toBe("2024-02-01");
  });

  it("leaves the hyphen to a date being typed", () => {
    expect(press("-", "2024")).toBeNull();
    expect(press("-", "2024-02")).toBeNull();
  });

  it("finds first and last of month, year and week", () => {
    expect(press("m", "2024-02-14")).toBe("2024-02-01");
    expect(press("h", "2024-02-14")).toBe("2024-02-29");
    expect(press("y", "2024-02-14")).toBe("2024-01-01");
    expect(press("r", "2024-02-14")).toBe("2024-12-31");
    expect(press("w", "2024-02-14")).toBe("2024-02-11");
    expect(press("k", "2024-02-14")).toBe("2024-02-17");
    expect(press("w", "2024-02-14", MONDAY)).toBe("2024-02-12");
    expect(press("k", "2024-02-18", MONDAY)).toBe("2024-02-25");
  });

  it("goes one period on when pressed again", () => {
    expect(press("m", "2024-02-01")).toBe("2024-01-01");
    expect(press("h", "2024-02-29")).toBe("2024-03-31");
    expect(press("y", "2024-01-01")).toBe("2023-01-01");
    expect(press("r", "2024-12-31")).toBe("2025-12-31");
    expect(press("w", "2024-02-11")).toBe("2024-02-04");
    expect(press("k", "2024-02-17")).toBe("2024-02-24");
  });

  it("takes capital letters and leaves other keys alone", () => {
    expect(press("T", "")).toBe(TODAY);
    expect(press("5", "2024-02-14")).toBeNull();
    expect(press("Tab", "2024-02-14")).toBeNull();
  });

  it("knows a real day from a made-up one", () => {
    expect(isDay("2024-02-29")).toBe(true);
    expect(isDay("2023-02-29")).toBe(false);
    expect(isDay("2024-2-9")).toBe(false);
    expect(isDay("")).toBe(false);
  });

  it("starts the week where the region does", () => {
    expect(firstWeekday("en-US")).toBe(SUNDAY);
    expect(firstWeekday("de-DE")).toBe(MONDAY);
  });
});
