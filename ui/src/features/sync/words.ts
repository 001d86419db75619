/** Words of the sync that more than one of its views uses. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { RunTrigger, UndoOutcome } from "../../api";

export const triggerWords: Record<RunTrigger, MessageDescriptor> = {
  owner: msg`By you`,
  timer: msg`By the timer`,
  connected: msg`After connecting`,
  command_line: msg`By the command line`,
  planned: msg`After a preview`,
  undo: msg`Undoing a run`,
};

/** What undoing a run does to a record. */
export const undoWords: Record<UndoOutcome, MessageDescriptor> = {
  put_back: msg`Earlier values put back`,
  retired: msg`Voided, cancelled or made inactive there`,
  archived_here: msg`Archived here; stays over there`,
  as_before: msg`As before already`,
  left: msg`Stays as it is`,
};

/** Kinds of records as owners call them; a kind not known here is shown as it is. */
export const kindWords: Record<string, MessageDescriptor> = {
  customer: msg`Customer`,
  item: msg`Item`,
  order: msg`Order`,
  invoice: msg`Invoice`,
  payment: msg`Payment`,
  shipment: msg`Shipment`,
  charge: msg`Charge`,
  refund: msg`Refund`,
  dispute: msg`Dispute`,
  balance_entry: msg`Balance entry`,
  payout: msg`Payout`,
  connection: msg`Connection`,
};

/** The words before a title, such as "Invoice" before "1007"; none where the title says them itself ("Payment of …"). */
export function kindBefore(kind: string, title: string): string {
  return title.toLowerCase().startsWith(kind.toLowerCase()) ? "" : `${kind} `;
}
