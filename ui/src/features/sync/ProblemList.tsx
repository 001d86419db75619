/** What needs the owner: records that can't be sent, conflicts, runs that stopped themselves, sign-ins that ended. */
import { Button, Skeleton } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconCircleCheck } from "@tabler/icons-react";
import { type Data, useChange, useListResult, usePages } from "../../api";
import { EmptyState, ErrorState, notifyDone, notifyError } from "../../shared";
import { ConflictCard } from "./ConflictCard";
import { ProblemCard } from "./ProblemCard";
import { conflictOf, retriable } from "./problems";
import classes from "./sync.module.css";

const rowsOf = (page: Data<"listProblems">) => page.rows;
const conflictsOf = (page: Data<"listConflicts">) => page.rows;

export function ProblemList() {
  const { t } = useLingui();
  const list = useListResult(usePages("listProblems", (cursor) => [cursor, 50]), rowsOf);
  const conflicts = useListResult(usePages("listConflicts", (cursor) => [cursor, 200]), conflictsOf);
  const retry = useChange("retryProblems", {
    onError: notifyError,
    onSuccess: () => notifyDone(t`They are tried again now.`),
  });
  if (list.error) return <ErrorState error={list.error} onRetry={list.retry} />;
  if (list.pending || conflicts.pending) return <Skeleton height={96} m="md" />;
  if (list.rows.length === 0) {
    return (
      <EmptyState
        icon={<IconCircleCheck size={24} />}
        title={t`Nothing needs you`}
        text={t`A record that is refused waits here with its cause and the way to mend it. It never stops the others.`}
      />
    );
  }
  const again = retriable(list.rows);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region has to be reachable by key
    <div className={classes.problems} tabIndex={0} role="region" aria-label={t`Problems`}>
      {again.length > 1 && (
        <Button className={classes.retryAll ?? ""} variant="default" loading={retry.isPending} onClick={() => retry.mutate([again.map((row) => row.id)])}>
          <Trans>Try all again</Trans>
        </Button>
      )}
      {list.rows.map((row) => {
        const conflict = conflictOf(row, conflicts.rows);
        return conflict ? (
          <ConflictCard key={row.id} conflict={conflict} />
        ) : (
          <ProblemCard key={row.id} problem={row} />
        );
      })}
      {list.hasMore && (
        <Button variant="default" mt="md" onClick={list.loadMore}>
          <Trans>Show more</Trans>
        </Button>
      )}
    </div>
  );
}
