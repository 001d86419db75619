import { describe, expect, it } from "vitest";
import { fitsWords, fittingOptions, zoneOptions } from "./optionSearch";

const zones = zoneOptions(["America/New_York", "America/Port-au-Prince", "America/Sao_Paulo", "Asia/Ho_Chi_Minh", "Europe/York", "Etc/GMT+1"]);
const found = (search: string) => fittingOptions({ options: zones, search, limit: Number.POSITIVE_INFINITY }).map((option) => ("value" in option ? option.value : ""));

describe("finding a fixed choice by words", () => {
  it.each([
    ["New York", "America/New_York"],
    ["new_york", "America/New_York"],
    ["york new", "America/New_York"],
    ["newyork", "America/New_York"],
    ["port au prince", "America/Port-au-Prince"],
    ["São Paulo", "America/Sao_Paulo"],
    ["HO CHI", "Asia/Ho_Chi_Minh"],
    ["gmt 1", "Etc/GMT+1"],
  ])("%s finds %s", (typed, zone) => {
    expect(found(typed)[0]).toBe(zone);
  });

  it("finds nothing for what is not there, and everything for nothing", () => {
    expect(found("Atlantis")).toEqual([]);
    expect(found("new berlin")).toEqual([]);
    expect(found("  ")).toHaveLength(zones.length);
    expect(fitsWords("USD – US Dollar", "dollar us")).toBe(true);
  });

  it("puts the one that is called so first", () => {
    expect(found("york")).toEqual(["America/New_York", "Europe/York"]);
    expect(fittingOptions({ options: zones, search: "america", limit: 2 })).toHaveLength(2);
  });
});
