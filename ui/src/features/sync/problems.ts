/** What kind of problem one is, as far as its row tells. Pure. */
import type { ConflictView, OutboxRow, ProblemRow } from "../../api";

/** The conflict a problem is about, where it is one. */
export function conflictOf(problem: ProblemRow, conflicts: ConflictView[]): ConflictView | undefined {
  if (problem.action !== "edit_record") return undefined;
  return conflicts.find(
    (conflict) =>
      conflict.connection_id === problem.connection_id &&
      conflict.kind === problem.kind &&
      conflict.record_id === problem.record_id &&
      conflict.since === problem.since,
  );
}

/**
 * A run that stopped because it would have changed too much. Of all problems of a connection as a whole that may be tried
 * again it alone has no words of the vendor: it is our own doubt and not the vendor's refusal.
 */
export function isBrake({ kind, action, vendor_text: words }: ProblemRow): boolean {
  return kind === "connection" && action === "retry" && words === "";
}

/** The change that waits because of a problem. */
export function waitingFor(problem: ProblemRow, outbox: OutboxRow[]): OutboxRow | undefined {
  const { connection_id: connection, kind, record_id: record } = problem;
  return outbox.find((row) => row.connection_id === connection && row.kind === kind && row.record_id === record);
}

/** Those that may be tried again together. What needs a decision is not among them: trying again would decide it. */
export function retriable(problems: ProblemRow[], conflicts: ConflictView[]): ProblemRow[] {
  return problems.filter(
    (problem) =>
      (problem.action === "retry" || problem.action === "edit_record") && !isBrake(problem) && conflictOf(problem, conflicts) === undefined,
  );
}
