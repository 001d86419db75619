/** What waits to be sent, in order, and why it waits. */
import { Button, SegmentedControl, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconSend } from "@tabler/icons-react";
import { useMemo } from "react";
import { type Data, type OutboxRow, useListResult, usePages, useRead } from "../../api";
import { DataTable, EmptyState, fieldWords, formatMoment, recordPath, StatusBadge, type TableColumn, useGo, useSearchParams } from "../../shared";
import { DropChanges } from "./DropDialog";
import { DroppedList } from "./DroppedList";
import classes from "./sync.module.css";
import { kindBefore, kindWords } from "./words";

const rowsOf = (page: Data<"listOutbox">) => page.rows;
const stateCell = (row: OutboxRow) => <StatusBadge kind="outbox" status={row.state} />;

const bulkActions = (rows: OutboxRow[], clear: () => void) => <DropChanges rows={rows} clear={clear} />;

/** What waits, or what was dropped instead. */
export function OutboxList() {
  const { t } = useLingui();
  const go = useGo();
  const [params, setParams] = useSearchParams();
  const problems = useRead("syncStatus", []).data?.problem_count ?? 0;
  const dropped = params.dropped === "1";
  return (
    <>
      <div className={classes.switch}>
        <SegmentedControl
          aria-label={t`Show`}
          data={[
            { value: "waiting", label: t`Waiting` },
            { value: "dropped", label: t`Dropped` },
          ]}
          value={dropped ? "dropped" : "waiting"}
          onChange={(value) => setParams({ dropped: value === "dropped" ? "1" : undefined })}
        />
        <Text size="sm" className={classes.muted}>
          {dropped ? (
            <Trans>What you decided not to send, and why. To send one after all, open the record and save it.</Trans>
          ) : (
            <Trans>What you changed here and the other side does not have yet. It is safe on this computer and is sent once, by itself.</Trans>
          )}
        </Text>
        {!dropped && problems > 0 && (
          <Button size="compact-sm" variant="default" onClick={() => go("/sync/problems")}>
            <Trans>See the problems</Trans>
          </Button>
        )}
      </div>
      {dropped ? <DroppedList /> : <WaitingList />}
    </>
  );
}

function WaitingList() {
  const { t } = useLingui();
  const go = useGo();
  const list = useListResult(usePages("listOutbox", (cursor) => [cursor, 100]), rowsOf);
  const columns = useMemo<TableColumn<OutboxRow>[]>(() => {
    const operations: Record<string, string> = { create: t`Create`, update: t`Update`, retire: t`Void or deactivate` };
    const kindOf = (row: OutboxRow) => {
      const kind = kindWords[row.kind];
      return kindBefore(kind ? t(kind) : fieldWords(row.kind), row.title);
    };
    return [
      { id: "record", header: t`Record`, width: "minmax(180px, 2fr)", cell: (row) => `${kindOf(row)}${row.title}`, title: (row) => row.title },
      { id: "operation", header: t`Will`, width: "130px", secondary: 2, cell: (row) => operations[row.operation] ?? row.operation },
      { id: "vendor", header: t`At`, width: "104px", cell: (row) => row.vendor_name },
      { id: "state", header: t`State`, width: "132px", cell: stateCell },
      { id: "why", header: t`Why it waits`, width: "minmax(400px, 3fr)", cell: (row) => row.why, title: (row) => row.why },
      { id: "tries", header: t`Tries`, width: "48px", align: "end", secondary: 1, cell: (row) => row.attempts },
      { id: "since", header: t`Since`, width: "156px", secondary: 3, cell: (row) => formatMoment(row.created_at) },
    ];
  }, [t]);
  const open = (row: OutboxRow) => {
    const target = recordPath(row.kind, row.record_id);
    if (target) go(target.path, target.search);
  };
  return (
    <DataTable
      label={t`Changes waiting to be sent`}
      columns={columns}
      list={list}
      rowId={(row) => row.id}
      rowLabel={(row) => row.title}
      onOpen={open}
      bulkActions={bulkActions}
      empty={
        <EmptyState
          icon={<IconSend size={24} />}
          title={t`Nothing waits`}
          text={t`A change is listed here until the other side has it, with the reason why it waits.`}
        />
      }
    />
  );
}
