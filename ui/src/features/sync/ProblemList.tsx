/** What needs the owner: the cause in plain words, the vendor's own words below, and the button that mends it. */
import { Button, Skeleton, Text } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconCircleCheck } from "@tabler/icons-react";
import { type ConflictView, type Data, type ProblemRow, useChange, useListResult, usePages } from "../../api";
import { EmptyState, ErrorState, fieldWords, formatMoment, notifyDone, notifyError, RecordLink, recordPath, useGo } from "../../shared";
import { ConflictCard } from "./ConflictCard";
import classes from "./sync.module.css";
import { kindBefore, kindWords } from "./words";

const rowsOf = (page: Data<"listProblems">) => page.rows;
const conflictsOf = (page: Data<"listConflicts">) => page.rows;

/** The conflict a problem is about, where it is one. */
function conflictOf(problem: ProblemRow, conflicts: ConflictView[]): ConflictView | undefined {
  return conflicts.find(
    (conflict) =>
      conflict.connection_id === problem.connection_id &&
      conflict.kind === problem.kind &&
      conflict.record_id === problem.record_id &&
      conflict.since === problem.since &&
      problem.action === "edit_record",
  );
}

export function ProblemList() {
  const { t } = useLingui();
  const list = useListResult(usePages("listProblems", (cursor) => [cursor, 50]), rowsOf);
  const conflicts = useListResult(usePages("listConflicts", (cursor) => [cursor, 200]), conflictsOf);
  const retry = useChange("retryProblems", { onError: notifyError });
  if (list.error) return <ErrorState error={list.error} onRetry={list.retry} />;
  if (list.pending) return <Skeleton height={96} m="md" />;
  if (list.rows.length === 0) {
    return (
      <EmptyState
        icon={<IconCircleCheck size={24} />}
        title={t`Nothing needs you`}
        text={t`A record that is refused waits here with its cause and the way to mend it. It never stops the others.`}
      />
    );
  }
  const retryable = list.rows.filter((row) => row.action === "retry" || row.action === "edit_record");
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region has to be reachable by key
    <div className={classes.problems} tabIndex={0} role="region" aria-label={t`Problems`}>
      {retryable.length > 1 && (
        <Button className={classes.retryAll ?? ""} variant="default" loading={retry.isPending} onClick={() => retry.mutate([retryable.map((row) => row.id)])}>
          <Trans>Try all again</Trans>
        </Button>
      )}
      {list.rows.map((row) => {
        const conflict = conflictOf(row, conflicts.rows);
        return conflict ? <ConflictCard key={row.id} conflict={conflict} /> : <Problem key={row.id} problem={row} />;
      })}
      {list.hasMore && (
        <Button variant="default" mt="md" onClick={list.loadMore}>
          <Trans>Show more</Trans>
        </Button>
      )}
    </div>
  );
}

function Problem({ problem }: { problem: ProblemRow }) {
  const { t } = useLingui();
  const kind = kindWords[problem.kind];
  return (
    <article className={classes.problem} aria-label={problem.title}>
      <div>
        <Text fw={500} className={classes.problemTitle}>
          {kindBefore(kind ? t(kind) : fieldWords(problem.kind), problem.title)}
          <RecordLink kind={problem.kind} id={problem.record_id}>
            {problem.title}
          </RecordLink>
        </Text>
        <Text size="sm">{problem.message}</Text>
        {problem.advice !== "" && (
          <Text size="sm" c="var(--br-text-muted)">
            {problem.advice}
          </Text>
        )}
        {problem.vendor_text !== "" && (
          <div className={classes.vendorWords}>
            <Trans>
              {problem.vendor_name} says: {problem.vendor_text}
            </Trans>
          </div>
        )}
        <Text size="xs" c="var(--br-text-muted)" mt={4}>
          <Trans>Since {formatMoment(problem.since)}</Trans>
          {problem.attempts > 0 && <> · <Plural value={problem.attempts} one="tried once" other="tried # times" /></>}
        </Text>
      </div>
      <ProblemActions problem={problem} />
    </article>
  );
}

/** Problems that may be taken off the list as they are. */
const dismissible = new Set<ProblemRow["action"]>(["dismiss", "retry", "send_anew", "take_up"]);

function ProblemActions({ problem }: { problem: ProblemRow }) {
  const { t } = useLingui();
  const go = useGo();
  const retry = useChange("retryProblems", { onError: notifyError });
  const dismiss = useChange("dismissProblem", { onError: notifyError });
  const record = recordPath(problem.kind, problem.record_id);
  const again = (
    <Button variant="default" loading={retry.isPending} onClick={() => retry.mutate([[problem.id]])}>
      {t`Try again`}
    </Button>
  );
  const openRecord = record && <Button variant="default" onClick={() => go(record.path, record.search)}>{t`Open the record`}</Button>;
  const mends: Record<ProblemRow["action"], React.ReactNode> = {
    retry: again,
    edit_record: (
      <>
        {openRecord}
        {again}
      </>
    ),
    renumber: (
      <>
        {problem.kind === "invoice" && problem.record_id !== null ? <NextNumber id={problem.record_id} /> : openRecord}
        {again}
      </>
    ),
    sign_in: <Button variant="default" onClick={() => go("/settings/connections")}>{t`Sign in again`}</Button>,
    connection_settings: (
      <>
        <Button variant="default" onClick={() => go("/settings/connections")}>{t`Open connections`}</Button>
        {again}
      </>
    ),
    send_anew: (
      <>
        {openRecord}
        <Button variant="default" loading={retry.isPending} onClick={() => retry.mutate([[problem.id]])}>{t`Send it anew`}</Button>
      </>
    ),
    take_up: (
      <>
        {openRecord}
        <Button variant="default" loading={retry.isPending} onClick={() => retry.mutate([[problem.id]])}>{t`Take it up again`}</Button>
      </>
    ),
    dismiss: null,
  };
  return (
    <div className={classes.problemActions}>
      {mends[problem.action]}
      {dismissible.has(problem.action) && (
        <Button variant="subtle" color="gray" loading={dismiss.isPending} onClick={() => dismiss.mutate([problem.id])}>
          {t`Dismiss`}
        </Button>
      )}
    </div>
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
