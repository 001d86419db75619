/** Words of the preview: what happens to a record, and what became of it. */
import type { MessageDescriptor } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import type { PlanItemView, PlanOutcome } from "../../api";
import type { Tone } from "../../shared";

/** What happens, as the beginning of a count: "New: 7 customers". */
export const actionCounts: Record<string, MessageDescriptor> = {
  created: msg`New`,
  updated: msg`Changed`,
  voided: msg`Voided or archived`,
  deleted: msg`Deleted there`,
  linked: msg`The same on both sides`,
  conflict: msg`Changed on both sides`,
  deleted_there: msg`Deleted there, changed here`,
  find_out: msg`Sent without an answer`,
  kept_ours: msg`Changed on both sides, yours kept by your rule`,
  took_theirs: msg`Changed on both sides, theirs taken by your rule`,
};

const archived = new Set(["customer", "item"]);

/** What happens to one record, as a badge. */
export function actionBadge({ action, kind }: PlanItemView, fieldCount: number): [Tone, string] {
  switch (action) {
    case "created":
      return ["good", t`New`];
    case "updated":
      return ["neutral", fieldCount === 1 ? t`Changes 1 field` : t`Changes ${fieldCount} fields`];
    case "voided":
      return ["warning", archived.has(kind) ? t`Archive` : t`Void`];
    case "deleted":
      return ["warning", t`Deleted there`];
    case "linked":
      return ["neutral", t`Same on both`];
    case "conflict":
      return ["warning", t`Changed on both`];
    case "deleted_there":
      return ["warning", t`Deleted there`];
    case "find_out":
      return ["warning", t`Find out first`];
    case "kept_ours":
      return ["neutral", t`Keeps yours`];
    case "took_theirs":
      return ["neutral", t`Takes theirs`];
    default:
      return ["neutral", action];
  }
}

/** The same as a sentence: what “Do this” does to it, and what it leaves alone. */
export function actionSentence({ action, kind, direction, vendor_name: vendor }: PlanItemView): string {
  const here = direction === "in";
  switch (action) {
    case "created":
      return here ? t`It is in ${vendor} and not here yet. It is added here.` : t`It is here and not in ${vendor} yet. It is added there.`;
    case "updated":
      return here ? t`It changed in ${vendor}. The change is made here too.` : t`It changed here. The change is sent to ${vendor}.`;
    case "voided":
      if (!here) return archived.has(kind) ? t`It is archived here. It is made inactive in ${vendor}.` : t`It is void here. It is voided in ${vendor}.`;
      return archived.has(kind) ? t`It is inactive in ${vendor}. It is archived here.` : t`It is void in ${vendor}. It is voided here.`;
    case "deleted":
      return archived.has(kind)
        ? t`It was deleted in ${vendor}. It is archived here; its history stays.`
        : t`It was deleted in ${vendor}. It is voided here; its history stays.`;
    case "kept_ours":
      return t`It changed on both sides. By your rule yours stays and is sent to ${vendor}.`;
    case "took_theirs":
      return t`It changed on both sides. By your rule what is in ${vendor} is taken over here.`;
    case "linked":
      return t`Both sides have it already. They are joined and nothing in it changes.`;
    case "conflict":
      return t`It was changed here and in ${vendor}. The sync changes neither side; you choose under Problems afterwards.`;
    case "deleted_there":
      return t`It was deleted in ${vendor} and changed here since. Yours stays as it is; you choose under Problems afterwards.`;
    case "find_out":
      return t`It was sent to ${vendor} and no answer came. The sync finds out whether it arrived, and sends it only if not. Until that is known it can't be held back.`;
    default:
      return "";
  }
}

/** What became of a record: a badge, and why it was left where it was. */
export const outcomes: Record<PlanOutcome, { tone: Tone; label: MessageDescriptor; why: MessageDescriptor }> = {
  done: { tone: "good", label: msg`Done`, why: msg`It was done as shown.` },
  held: { tone: "neutral", label: msg`On hold`, why: msg`You held it. It stays as it is on both sides, and the next preview asks again.` },
  skipped: { tone: "neutral", label: msg`Skipped`, why: msg`You skipped it. It stays as it is on both sides until it changes again.` },
  moved: { tone: "warning", label: msg`Moved meanwhile`, why: msg`Somebody changed it after you looked, so it was left alone. The next preview shows it as it is now.` },
  waits: { tone: "warning", label: msg`Waits`, why: msg`It needs another record first, or the sync did not come to it. It follows with the next sync.` },
  nothing: { tone: "neutral", label: msg`Nothing left to do`, why: msg`It was settled before the sync came to it.` },
};
