/** The records of a preview, page by page. The same question is asked only once, however many parts of the page ask it. */
import { type Data, type PlanFilter, useListResult, usePages } from "../../api";

const rowsOf = (page: Data<"listPlanItems">) => page.rows;

export function usePlanItems(planId: string, filter: PlanFilter) {
  return useListResult(usePages("listPlanItems", (cursor) => [planId, filter, cursor, 200]), rowsOf, JSON.stringify(filter));
}
