/** What kind of problem one is. Pure. */
import type { ConflictView, ProblemRow } from "../../api";

/** The conflict a problem is about, where it is one. */
export function conflictOf(problem: ProblemRow, conflicts: ConflictView[]): ConflictView | undefined {
  if (problem.action !== "decide") return undefined;
  return conflicts.find(
    (conflict) =>
      conflict.connection_id === problem.connection_id && conflict.kind === problem.kind && conflict.record_id === problem.record_id,
  );
}

/** Trying again as it is may help: the cause may have been mended over there. */
const again = new Set<ProblemRow["action"]>(["retry", "edit_record", "renumber", "rename", "connection_settings"]);

/** Those that may be tried again together; what needs a decision is not among them. */
export function retriable(problems: ProblemRow[]): ProblemRow[] {
  return problems.filter(({ action }) => again.has(action));
}
