import { describe, expect, it } from "vitest";
import type { ConflictView, ProblemRow } from "../../api";
import { conflictOf, retriable } from "./problems";

const problem = (more: Partial<ProblemRow>): ProblemRow => ({
  id: "p",
  connection_id: "c",
  vendor_name: "QuickBooks",
  kind: "invoice",
  record_id: "r",
  title: "Invoice 1",
  message: "",
  advice: "",
  vendor_text: "6140: Duplicate",
  detail: "",
  action: "retry",
  setting: null,
  outbox_id: null,
  since: "2026-01-01T00:00:00Z",
  attempts: 1,
  ...more,
});
const refused = problem({ action: "edit_record" });
const clash = problem({ action: "decide", kind: "customer", record_id: "anna" });
const conflicts = [{ connection_id: "c", kind: "customer", record_id: "anna" } as ConflictView];

describe("problems", () => {
  it("that need a decision are never tried again together with others", () => {
    const asked = (["release", "decide", "sign_in", "send_anew", "take_up"] as const).map((action) => problem({ action }));
    expect(retriable([...asked, refused, problem({})])).toEqual([refused, problem({})]);
  });

  it("find the conflict they are about", () => {
    expect(conflictOf(clash, conflicts)).toBe(conflicts[0]);
    expect(conflictOf({ ...clash, action: "edit_record" }, conflicts)).toBeUndefined();
  });
});
