/** All runs, newest first. */
import { Button } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { IconRefresh } from "@tabler/icons-react";
import { useMemo } from "react";
import { type Data, type RunView, useListResult, usePages, useRead } from "../../api";
import { DataTable, EmptyState, formatDuration, formatMoment, StatusBadge, type TableColumn, useGo } from "../../shared";
import { triggerWords } from "./words";

const rowsOf = (page: Data<"listRuns">) => page.rows;
const stateCell = (run: RunView) => <StatusBadge kind="run" status={run.state} />;
const sum = (run: RunView, count: "read_count" | "created_count" | "updated_count" | "sent_count" | "problem_count") =>
  run.parts.reduce((total, part) => total + part[count], 0);

// A connection that failed is one thing to look at, whatever it counted before.
const problems = (run: RunView) => sum(run, "problem_count") + run.parts.filter((part) => part.state === "failed").length;

export function RunList({ openId, onOpen }: { openId: string | null; onOpen: (id: string) => void }) {
  const { t } = useLingui();
  const go = useGo();
  const connections = useRead("listConnections", []);
  const asking = (useRead("syncPlans", []).data?.asking.length ?? 0) > 0;
  const list = useListResult(usePages("listRuns", (cursor) => [cursor, 50]), rowsOf);
  const columns = useMemo<TableColumn<RunView>[]>(
    () => [
      { id: "started", header: t`Started`, width: "minmax(156px, 1.4fr)", cell: (run) => formatMoment(run.started_at) },
      { id: "trigger", header: t`Started by`, secondary: 1, width: "minmax(104px, 1fr)", cell: (run) => t(triggerWords[run.trigger]) },
      { id: "state", header: t`State`, width: "148px", cell: stateCell },
      { id: "length", header: t`Took`, width: "72px", align: "end", cell: (run) => formatDuration(run.duration_ms) },
      { id: "read", secondary: 3, header: t`Read`, width: "56px", align: "end", cell: (run) => sum(run, "read_count") },
      { id: "new", secondary: 2, header: t`New`, width: "56px", align: "end", cell: (run) => sum(run, "created_count") },
      { id: "changed", secondary: 2, header: t`Changed`, width: "72px", align: "end", cell: (run) => sum(run, "updated_count") },
      { id: "sent", secondary: 2, header: t`Sent`, width: "56px", align: "end", cell: (run) => sum(run, "sent_count") },
      { id: "problems", header: t`Problems`, width: "80px", align: "end", cell: problems },
    ],
    [t],
  );
  const connected = (connections.data?.length ?? 0) > 0;
  return (
    <DataTable
      label={t`Runs`}
      columns={columns}
      list={list}
      rowId={(run) => run.id}
      rowLabel={(run) => t`Run of ${formatMoment(run.started_at)}`}
      openId={openId}
      onOpen={(run) => onOpen(run.id)}
      empty={
        connected ? (
          <EmptyState
            icon={<IconRefresh size={24} />}
            title={t`No run yet`}
            text={
              asking
                ? t`The first sync waits until you have looked at it. Each run is then listed here with everything it changed.`
                : t`Press “Start a run”. Each run is listed here with everything it changed.`
            }
            {...(asking && { action: <Button onClick={() => go("/sync/preview")}>{t`See the preview`}</Button> })}
          />
        ) : (
          <EmptyState
            icon={<IconRefresh size={24} />}
            title={t`Nothing to sync with yet`}
            text={t`Connect QuickBooks, ShipStation or Stripe. Until then everything stays on this computer and works without a network.`}
            action={<Button onClick={() => go("/settings/connections")}>{t`Open connections`}</Button>}
          />
        )
      }
    />
  );
}
