/** The run going on: each connection's step and counters, as they move. */
import { Button, Loader } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { type RunPartView, type RunView, useChange } from "../../api";
import { notifyError, StatusBadge } from "../../shared";
import classes from "./sync.module.css";

export function RunProgress({ run }: { run: RunView }) {
  const { t } = useLingui();
  return (
    <section className={classes.progress} aria-label={t`The run going on`} aria-live="polite">
      {run.parts.map((part) => (
        <div key={part.connection_id} className={classes.part}>
          <span>{part.vendor_name}</span>
          <span className={classes.step} title={part.error ?? part.step}>
            {part.error ?? part.step}
          </span>
          <PartCounts part={part} />
          {part.state === "running" ? <Loader size={14} role="img" aria-label={t`Running`} /> : <StatusBadge kind="run" status={part.state} />}
        </div>
      ))}
    </section>
  );
}

/** An audit at work; a run that is begun meanwhile waits for it. */
export function Comparing({ vendor }: { vendor: string }) {
  const { t } = useLingui();
  const cancel = useChange("cancelRun", { onError: notifyError });
  return (
    <section className={classes.progress} aria-label={t`The audit going on`} aria-live="polite">
      <div className={classes.part}>
        <span>{vendor}</span>
        <span className={classes.step}>
          <Trans>Comparing with {vendor}</Trans>
        </span>
        <Button size="compact-xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate([])}>
          {t`Stop comparing`}
        </Button>
      </div>
    </section>
  );
}

/** What a part has done so far, without its zeros. */
export function PartCounts({ part }: { part: RunPartView }) {
  return (
    <span className={classes.counts}>
      <Trans>{part.read_count} read</Trans>
      {part.created_count > 0 && <Trans> · {part.created_count} new</Trans>}
      {part.updated_count > 0 && <Trans> · {part.updated_count} changed</Trans>}
      {part.sent_count > 0 && <Trans> · {part.sent_count} sent</Trans>}
      {part.problem_count > 0 && <Trans> · {part.problem_count} to look at</Trans>}
    </span>
  );
}
