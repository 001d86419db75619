/** One run: its parts, and every record it changed, field by field, both directions. */
import { Button, Skeleton, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconArrowLeft, IconArrowRight } from "@tabler/icons-react";
import { type RunChange, type RunPartView, type RunView, usePages, useRead } from "../../api";
import { ErrorNote, FieldChanges, fieldWords, formatDuration, formatMoment, PanelSection, RecordLink, SidePanel, StatusBadge, useGo } from "../../shared";
import { PartCounts } from "./RunProgress";
import classes from "./sync.module.css";
import { UndoButton, UndoResult } from "./UndoRun";
import { kindBefore, kindWords, triggerWords } from "./words";

export function RunPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useLingui();
  const pages = usePages("getRun", (cursor) => [id, cursor, 50], { keepPrevious: false });
  const run = pages.data?.pages[0]?.run;
  const changes = pages.data?.pages.flatMap((page) => page.changes) ?? [];
  return (
    <SidePanel
      title={run ? t`Run of ${formatMoment(run.started_at)}` : t`Run`}
      subtitle={run && `${t(triggerWords[run.trigger])} · ${formatDuration(run.duration_ms)}`}
      onClose={onClose}
      {...(run && changes.length > 0 && undoable(run) && { footer: <UndoButton run={run} /> })}
    >
      {pages.error && <ErrorNote error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isPending && <Skeleton height={160} />}
      {run && (
        <>
          <PanelSection title={t`Connections`}>
            {run.parts.map((part) => (
              <Part key={part.connection_id} part={part} />
            ))}
            {run.parts.length === 0 && (
              <Text size="sm" className={classes.muted}>
                <Trans>No connection took part.</Trans>
              </Text>
            )}
          </PanelSection>
          {run.trigger === "undo" && <UndoResult run={run} />}
          <PanelSection title={t`What it changed`}>
            {changes.length === 0 ? (
              <Text size="sm" className={classes.muted}>
                {run.parts.every((part) => part.state === "done")
                  ? t`Nothing. Both sides agreed already.`
                  : t`Nothing. What waits to be sent is kept and goes with a later sync.`}
              </Text>
            ) : (
              <ol className={classes.changes}>
                {changes.map((change, index) => (
                  // A change has no identity but its place in the run.
                  // oxlint-disable-next-line react/no-array-index-key
                  <Change key={index} change={change} />
                ))}
              </ol>
            )}
            {pages.hasNextPage && (
              <Button variant="default" mt="sm" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                <Trans>Show more</Trans>
              </Button>
            )}
          </PanelSection>
        </>
      )}
    </SidePanel>
  );
}

const undoable = (run: RunView) => run.state !== "queued" && run.state !== "running";

function Part({ part }: { part: RunPartView }) {
  return (
    <div className={classes.change}>
      <div className={classes.changeHead}>
        <span className={classes.changeTitle}>
          {part.vendor_name} <span className={classes.muted}>{part.account_name}</span>
        </span>
        <StatusBadge kind="run" status={part.state} />
      </div>
      <PartCounts part={part} />
      {part.error !== null && (
        <Text size="sm" className={classes.error}>
          {part.error}
        </Text>
      )}
      <PartActions part={part} />
    </div>
  );
}

/** The way out of what went wrong, where it stands. */
function PartActions({ part }: { part: RunPartView }) {
  const { t } = useLingui();
  const go = useGo();
  const status = useRead("syncStatus", []);
  const connection = status.data?.connections.find(({ id }) => id === part.connection_id);
  const signIn = part.state === "failed" && connection?.state === "needs_sign_in";
  const problems = part.problem_count > 0 && (connection?.problem_count ?? 0) > 0;
  if (!signIn && !problems) return null;
  return (
    <div className={classes.partActions}>
      {signIn && <Button size="xs" variant="default" onClick={() => go("/settings/connections")}>{t`Sign in again`}</Button>}
      {problems && <Button size="xs" variant="default" onClick={() => go("/sync/problems")}>{t`See the problems`}</Button>}
    </div>
  );
}

// What is no document can't be voided: it is put away.
const endless = new Set(["customer", "item"]);

function Change({ change }: { change: RunChange }) {
  const { t } = useLingui();
  const kind = kindWords[change.kind];
  const directionWords = () => {
    if (change.vendor_name === "") return t`on this computer`;
    return change.direction === "in" ? t`from ${change.vendor_name}` : t`to ${change.vendor_name}`;
  };
  const Arrow = change.direction === "in" ? IconArrowLeft : IconArrowRight;
  return (
    <li className={classes.change}>
      <div className={classes.changeHead}>
        <span className={classes.changeTitle}>
          {kindBefore(kind ? t(kind) : fieldWords(change.kind), change.title)}
          <RecordLink kind={change.kind} id={change.record_id}>
            {change.title}
          </RecordLink>
        </span>
        <span className={classes.muted}>{endless.has(change.kind) && change.action === "voided" ? t`Archived` : fieldWords(change.action)}</span>
      </div>
      <Text size="xs" className={classes.muted}>
        <Arrow size={12} aria-hidden /> {directionWords()}
      </Text>
      {change.fields.length > 0 && <FieldChanges fields={change.fields} />}
    </li>
  );
}
