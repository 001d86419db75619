/** One thing that needs the owner: the cause in plain words, what it means for the record, and every way out as a button. */
import { Button, Text } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle, IconHandStop } from "@tabler/icons-react";
import { useState } from "react";
import { type OutboxRow, type ProblemRow, useChange, useSyncNow } from "../../api";
import { fieldWords, formatMoment, notifyDone, notifyError, RecordLink, recordPath, useConfirm, useGo } from "../../shared";
import { DropDialog } from "./DropDialog";
import { isBrake } from "./problems";
import classes from "./sync.module.css";
import { kindBefore, kindWords } from "./words";

type Props = {
  problem: ProblemRow;
  /** The change that waits because of it, where there is one. */
  waiting: OutboxRow | undefined;
};

export function ProblemCard({ problem, waiting }: Props) {
  const { t } = useLingui();
  const kind = kindWords[problem.kind];
  const brake = isBrake(problem);
  const Icon = brake ? IconHandStop : IconAlertTriangle;
  const tries = problem.kind === "connection" ? 0 : (waiting?.attempts ?? problem.attempts);
  return (
    <article className={classes.problem} aria-label={problem.title}>
      <div>
        <div className={classes.problemHead}>
          <Icon size={16} aria-hidden />
          <Text fw={500} className={classes.problemTitle}>
            {problem.kind === "connection" ? `${problem.vendor_name} · ` : kindBefore(kind ? t(kind) : fieldWords(problem.kind), problem.title)}
            <RecordLink kind={problem.kind} id={problem.record_id}>
              {problem.title}
            </RecordLink>
          </Text>
        </div>
        <div className={classes.problemBody}>
          <Text size="sm">{problem.message}</Text>
          <Text size="sm" className={classes.muted}>
            {brake ? t`Nothing of it was done, so your records are as they were. Look at it first; or let it happen once, if that is what you want.` : problem.advice}
          </Text>
          {waiting && (
            <Text size="sm" className={classes.muted}>
              <Trans>It is safe on this computer and waits to be sent to {waiting.vendor_name}.</Trans>
            </Text>
          )}
          {problem.vendor_text !== "" && (
            <div className={classes.vendorWords}>
              <Trans>
                {problem.vendor_name} says: {problem.vendor_text}
              </Trans>
            </div>
          )}
          <Text size="xs" className={classes.muted} mt={4}>
            <Trans>Since {formatMoment(problem.since)}</Trans>
            {tries > 0 && (
              <>
                {" · "}
                <Plural value={tries} one="tried once" other="tried # times" />
              </>
            )}
          </Text>
        </div>
      </div>
      <div className={classes.problemActions}>{brake ? <BrakeActions problem={problem} /> : <WaysOut problem={problem} waiting={waiting} />}</div>
    </article>
  );
}

/** A run that stopped because it would have changed too much: look at it, or let it happen once. */
function BrakeActions({ problem }: { problem: ProblemRow }) {
  const { t } = useLingui();
  const go = useGo();
  const confirm = useConfirm();
  const preview = useChange("planSync", { onError: notifyError, onSuccess: (plan) => go("/sync/preview", { plan: plan.id }) });
  const allow = useChange("retryProblems", { onError: notifyError });
  const sync = useSyncNow({ onError: notifyError });
  const ask = async () => {
    const sure = await confirm({
      title: t`Let the sync do this once?`,
      text: t`${problem.message} Later syncs stop again before something this big, and the run can be undone.`,
      confirmLabel: t`Allow it once`,
      danger: true,
    });
    if (!sure) return;
    await allow.mutateAsync([[problem.id]]);
    await sync.mutateAsync([problem.connection_id]);
    notifyDone(t`The sync goes on.`);
  };
  return (
    <>
      <Button variant="default" loading={preview.isPending} onClick={() => preview.mutate([problem.connection_id])}>
        {t`See what would happen`}
      </Button>
      <Button variant="default" color="red" loading={allow.isPending || sync.isPending} onClick={() => void ask().catch(() => undefined)}>
        {t`Allow it once…`}
      </Button>
    </>
  );
}

function WaysOut({ problem, waiting }: Props) {
  const { t } = useLingui();
  const go = useGo();
  const dismiss = useChange("dismissProblem", { onError: notifyError });
  const record = recordPath(problem.kind, problem.record_id);
  const { action } = problem;
  const renumbers = action === "renumber" && problem.kind === "invoice" && problem.record_id !== null;
  const retries = action !== "sign_in" && action !== "dismiss";
  return (
    <>
      {action === "sign_in" && <Button variant="default" onClick={() => go("/settings/connections")}>{t`Sign in again`}</Button>}
      {action === "connection_settings" && <Button variant="default" onClick={() => go("/settings/connections")}>{t`Open connections`}</Button>}
      {renumbers && problem.record_id !== null && <NextNumber id={problem.record_id} />}
      {record && problem.kind !== "connection" && <Button variant="default" onClick={() => go(record.path, record.search)}>{t`Open the record`}</Button>}
      {retries && <TryAgain problem={problem} />}
      {waiting ? (
        <DropOne row={waiting} />
      ) : (
        (action === "dismiss" || action === "retry") && (
          <Button variant="subtle" color="gray" loading={dismiss.isPending} onClick={() => dismiss.mutate([problem.id])}>
            {t`Dismiss`}
          </Button>
        )
      )}
    </>
  );
}

function TryAgain({ problem }: { problem: ProblemRow }) {
  const { t } = useLingui();
  const retry = useChange("retryProblems", {
    onError: notifyError,
    onSuccess: () => notifyDone(t`It is tried again with the next sync.`),
  });
  return (
    <Button variant="default" loading={retry.isPending} onClick={() => retry.mutate([[problem.id]])}>
      {t`Try again`}
    </Button>
  );
}

/** Takes the change off the queue, with a reason. */
function DropOne({ row }: { row: OutboxRow }) {
  const { t } = useLingui();
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="subtle" color="gray" onClick={() => setOpened(true)}>
        {t`Don't send…`}
      </Button>
      {opened && <DropDialog rows={[row]} onClose={() => setOpened(false)} onDone={() => undefined} />}
    </>
  );
}

/** Gives an invoice whose number is taken there the next free one. */
function NextNumber({ id }: { id: string }) {
  const { t } = useLingui();
  const renumber = useChange("renumberInvoice", {
    onError: notifyError,
    onSuccess: ({ draft }) => notifyDone(t`It is invoice ${draft.number} now, and goes out with the next sync.`),
  });
  return (
    <Button variant="default" loading={renumber.isPending} onClick={() => renumber.mutate([id])}>
      {t`Use the next number`}
    </Button>
  );
}
