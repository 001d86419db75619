/** Previews, as far as more than one part of the app asks about them. */
import type { PlanView } from "../api";

/** Whether a preview has something for the owner to decide: one that found nothing to do waits for nobody. */
export function planWaits({ state, counts, parts }: PlanView): boolean {
  return state === "ready" && (counts.incoming + counts.outgoing > 0 || parts.some((part) => part.asks));
}
