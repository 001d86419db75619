import { describe, expect, it } from "vitest";
import { fit, fittingColumns, leastWidth } from "./columnFit";

const columns = [
  { id: "number", width: "96px" },
  { id: "customer", width: "minmax(160px, 2fr)" },
  { id: "due", width: "108px", secondary: 2 },
  { id: "date", width: "108px", secondary: 1 },
  { id: "total", width: "120px" },
];
const idsAt = (width: number, selectable = false) => fittingColumns(columns, width, selectable).map(({ id }) => id);

describe("the columns of a list", () => {
  it("are all there when there is room, and before the room is known", () => {
    expect(idsAt(1000)).toHaveLength(5);
    expect(idsAt(0)).toHaveLength(5);
  });

  it("leave one after the other, the least important first", () => {
    // 32 + 96 + 160 + 108 + 108 + 120 and four gaps of 16.
    expect(idsAt(688)).toHaveLength(5);
    expect(idsAt(687)).toEqual(["number", "customer", "date", "total"]);
    expect(idsAt(560)).toEqual(["number", "customer", "total"]);
  });

  it("keep what a row can't be told without, however little room there is", () => {
    expect(idsAt(100)).toEqual(["number", "customer", "total"]);
  });

  it("count the boxes of a list with selection", () => {
    expect(idsAt(688, true)).toHaveLength(4);
  });

  it("have a least width", () => {
    expect(leastWidth("120px")).toBe(120);
    expect(leastWidth("minmax(160px, 2fr)")).toBe(160);
    expect(leastWidth("1fr")).toBe(0);
  });

  it("make two lines of a row where even what matters has no room, and nothing is left out then", () => {
    const ends = [
      { id: "number", width: "96px" },
      { id: "customer", width: "minmax(160px, 2fr)", narrow: "first" as const },
      { id: "due", width: "108px", secondary: 2 },
      { id: "total", width: "120px", narrow: "last" as const },
    ];
    const at = (width: number) => {
      const { columns: first, below } = fit(ends, width, false);
      return [first.map(({ id }) => id), below.map(({ id }) => id)];
    };
    expect(at(1000)).toEqual([["number", "customer", "due", "total"], []]);
    expect(at(440)).toEqual([["number", "customer", "total"], []]);
    expect(at(439)).toEqual([["customer", "total"], ["number", "due"]]);
    expect(at(0)[1]).toEqual([]);
  });
});
