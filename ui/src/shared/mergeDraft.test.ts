import { describe, expect, it } from "vitest";
import { differences, reapply } from "./mergeDraft";

const base = { id: "1", version: 3, name: "Ann", email: "a@x.com", billing: { city: "Salem", country: "US" }, lines: [{ id: "l1", quantity: "1" }] };
const mine = { ...base, name: "Anna", billing: { city: "Astoria", country: "US" } };
const theirs = { ...base, version: 4, email: "b@x.com", billing: { city: "Eugene", country: "US" } };

describe("merging a stale save", () => {
  it("names each field that differs and who changed it", () => {
    expect(differences(base, mine, theirs)).toEqual([
      { path: "name", mine: "Anna", theirs: "Ann", changedBy: "me" },
      { path: "email", mine: "a@x.com", theirs: "b@x.com", changedBy: "them" },
      { path: "billing.city", mine: "Astoria", theirs: "Eugene", changedBy: "both" },
    ]);
  });

  it("puts my changes on their version and keeps theirs elsewhere", () => {
    expect(reapply(base, mine, theirs)).toEqual({ ...theirs, name: "Anna", billing: { city: "Astoria", country: "US" } });
  });

  it("counts lines as one field", () => {
    const added = { ...base, lines: [...base.lines, { id: "l2", quantity: "5" }] };
    expect(differences(base, added, theirs).find(({ path }) => path === "lines")).toEqual({ path: "lines", mine: "1; 5", theirs: "1", changedBy: "me" });
    expect(reapply(base, added, theirs).lines).toHaveLength(2);
  });

  it("finds nothing to choose when both say the same", () => {
    expect(differences(base, mine, { ...mine, version: 4 })).toEqual([]);
  });
});
