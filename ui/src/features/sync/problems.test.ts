import { describe, expect, it } from "vitest";
import type { ConflictView, OutboxRow, ProblemRow } from "../../api";
import { conflictOf, isBrake, retriable, waitingFor } from "./problems";

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
  action: "retry",
  since: "2026-01-01T00:00:00Z",
  attempts: 1,
  ...more,
});
const brake = problem({ kind: "connection", record_id: null, vendor_text: "" });
const refused = problem({ action: "edit_record" });
const clash = problem({ action: "edit_record", kind: "customer", record_id: "anna" });
const conflicts = [{ connection_id: "c", kind: "customer", record_id: "anna", since: clash.since } as ConflictView];

describe("problems", () => {
  it("that need a decision are never tried again together with others", () => {
    expect(retriable([brake, refused, clash, problem({}), problem({ action: "sign_in" })], conflicts)).toEqual([refused, problem({})]);
  });

  it("are told apart: a brake is ours, a refusal the vendor's", () => {
    expect(isBrake(brake)).toBe(true);
    expect(isBrake({ ...brake, vendor_text: "500: failure" })).toBe(false);
    expect(isBrake(problem({ vendor_text: "" }))).toBe(false);
    expect(conflictOf(clash, conflicts)).toBe(conflicts[0]);
    expect(conflictOf(refused, conflicts)).toBeUndefined();
  });

  it("find the change that waits because of them", () => {
    const rows = [{ connection_id: "c", kind: "invoice", record_id: "other" }, { connection_id: "c", kind: "invoice", record_id: "r" }] as OutboxRow[];
    expect(waitingFor(refused, rows)).toBe(rows[1]);
    expect(waitingFor(clash, rows)).toBeUndefined();
  });
});
