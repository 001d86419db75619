/** States as words with a colour only where it means something: problem, warning, good, or none. */
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { MessageDescriptor } from "@lingui/core";
import { IconAlertTriangle, IconCheck, IconClock, IconCloudOff, IconGitFork } from "@tabler/icons-react";
import { clsx } from "clsx";
import type { ConnectionState, InvoiceStatus, OrderStatus, OutboxState, RecordSyncState, RunState } from "../api";
import classes from "./badges.module.css";
import { fieldWords } from "./fieldText";

export type Tone = "neutral" | "good" | "warning" | "problem" | "accent";

type ChargeStatus = "succeeded" | "pending" | "failed" | "refunded" | "partly_refunded" | "disputed";
type Status = {
  invoice: InvoiceStatus;
  order: OrderStatus;
  run: RunState;
  outbox: OutboxState;
  connection: ConnectionState;
  charge: ChargeStatus;
};
type Table<K extends keyof Status> = Record<Status[K], [Tone, MessageDescriptor]>;

const text = {
  draft: msg`Draft`,
  open: msg`Open`,
  partlyPaid: msg`Partly paid`,
  paid: msg`Paid`,
  overdue: msg`Overdue`,
  void: msg`Void`,
  awaitingPayment: msg`Awaiting payment`,
  toShip: msg`To ship`,
  onHold: msg`On hold`,
  partlyShipped: msg`Partly shipped`,
  shipped: msg`Shipped`,
  cancelled: msg`Cancelled`,
  queued: msg`Queued`,
  running: msg`Running`,
  done: msg`Done`,
  doneWithProblems: msg`Done with problems`,
  failed: msg`Failed`,
  interrupted: msg`Interrupted`,
  waiting: msg`Waiting`,
  blocked: msg`Waits for another`,
  sending: msg`Sending`,
  retrying: msg`Trying again`,
  unknown: msg`Checking`,
  rejected: msg`Needs you`,
  ready: msg`Connected`,
  syncing: msg`Syncing`,
  hasProblems: msg`Needs a look`,
  unreachable: msg`Can't be reached`,
  needsSignIn: msg`Sign in again`,
  succeeded: msg`Succeeded`,
  pending: msg`Pending`,
  refunded: msg`Refunded`,
  partlyRefunded: msg`Partly refunded`,
  disputed: msg`Disputed`,
  synced: msg`In sync`,
  notSent: msg`Not sent`,
  problem: msg`Problem`,
  conflict: msg`Conflict`,
};

const tables: { [K in keyof Status]: Table<K> } = {
  invoice: {
    draft: ["neutral", text.draft],
    open: ["neutral", text.open],
    partly_paid: ["accent", text.partlyPaid],
    paid: ["good", text.paid],
    overdue: ["problem", text.overdue],
    void: ["neutral", text.void],
  },
  order: {
    awaiting_payment: ["warning", text.awaitingPayment],
    open: ["accent", text.toShip],
    on_hold: ["warning", text.onHold],
    partly_shipped: ["accent", text.partlyShipped],
    shipped: ["good", text.shipped],
    cancelled: ["neutral", text.cancelled],
  },
  run: {
    queued: ["neutral", text.queued],
    running: ["accent", text.running],
    done: ["good", text.done],
    done_with_problems: ["warning", text.doneWithProblems],
    failed: ["problem", text.failed],
    cancelled: ["neutral", text.cancelled],
    interrupted: ["warning", text.interrupted],
  },
  outbox: {
    waiting: ["neutral", text.waiting],
    blocked: ["neutral", text.blocked],
    sending: ["accent", text.sending],
    retrying: ["warning", text.retrying],
    unknown: ["warning", text.unknown],
    rejected: ["problem", text.rejected],
  },
  connection: {
    ready: ["good", text.ready],
    syncing: ["accent", text.syncing],
    has_problems: ["warning", text.hasProblems],
    unreachable: ["warning", text.unreachable],
    needs_sign_in: ["problem", text.needsSignIn],
  },
  charge: {
    succeeded: ["good", text.succeeded],
    pending: ["neutral", text.pending],
    failed: ["problem", text.failed],
    refunded: ["neutral", text.refunded],
    partly_refunded: ["neutral", text.partlyRefunded],
    disputed: ["problem", text.disputed],
  },
};

/** A word on a tint. */
export function Badge({ tone, label }: { tone: Tone; label: string }) {
  return <span className={clsx(classes.badge, classes[tone])}>{label}</span>;
}

/** The state of a record of a kind. A state not known here is shown as the vendor says it. */
export function StatusBadge<K extends keyof Status>({ kind, status }: { kind: K; status: Status[K] | (string & {}) }) {
  const { t } = useLingui();
  const known = (tables[kind] as Record<string, [Tone, MessageDescriptor]>)[status];
  return known ? <Badge tone={known[0]} label={t(known[1])} /> : <Badge tone="neutral" label={fieldWords(status)} />;
}

const syncLooks: Record<RecordSyncState, { icon: typeof IconCheck; tone: Tone; label: MessageDescriptor }> = {
  synced: { icon: IconCheck, tone: "neutral", label: text.synced },
  not_sent: { icon: IconCloudOff, tone: "warning", label: text.notSent },
  waiting: { icon: IconClock, tone: "neutral", label: text.waiting },
  problem: { icon: IconAlertTriangle, tone: "problem", label: text.problem },
  conflict: { icon: IconGitFork, tone: "warning", label: text.conflict },
};

/** How a record stands with its connections; empty when none knows it. `words` adds the text beside the sign. */
export function SyncBadge({ state, words = false }: { state: RecordSyncState | null; words?: boolean }) {
  const { t } = useLingui();
  if (state === null) return null;
  const { icon: Icon, tone, label } = syncLooks[state];
  const className = clsx(classes.sync, classes[`${tone}Text`]);
  // A plain title, because a list draws many of these while it scrolls.
  return words ? (
    <span className={className}>
      <Icon size={14} aria-hidden /> {t(label)}
    </span>
  ) : (
    <span className={className} role="img" aria-label={t(label)} title={t(label)}>
      <Icon size={14} aria-hidden />
    </span>
  );
}
