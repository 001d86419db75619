/** The run going on: each connection's step and counters, as they move. */
import { Loader } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import type { RunPartView, RunView } from "../../api";
import { StatusBadge } from "../../shared";
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
