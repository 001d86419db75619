/** Changes that were dropped instead of sent, and why. */
import { useLingui } from "@lingui/react/macro";
import { IconTrash } from "@tabler/icons-react";
import { useMemo } from "react";
import { type Data, type DroppedRow, useListResult, usePages } from "../../api";
import { DataTable, EmptyState, formatMoment, recordPath, type TableColumn, useGo } from "../../shared";

const rowsOf = (page: Data<"listDropped">) => page.rows;

export function DroppedList() {
  const { t } = useLingui();
  const go = useGo();
  const list = useListResult(usePages("listDropped", (cursor) => [cursor, 100]), rowsOf);
  const columns = useMemo<TableColumn<DroppedRow>[]>(
    () => [
      { id: "record", header: t`Record`, width: "minmax(180px, 2fr)", cell: (row) => row.title, title: (row) => row.title },
      { id: "vendor", header: t`At`, width: "104px", cell: (row) => row.vendor_name },
      { id: "reason", header: t`Reason`, width: "minmax(180px, 2fr)", cell: (row) => row.reason, title: (row) => row.reason },
      { id: "why", header: t`Why it waited`, width: "minmax(180px, 2fr)", secondary: 2, cell: (row) => row.why, title: (row) => row.why },
      { id: "tries", header: t`Tries`, width: "48px", align: "end", secondary: 1, cell: (row) => row.attempts },
      { id: "at", header: t`Dropped`, width: "156px", cell: (row) => formatMoment(row.dropped_at) },
    ],
    [t],
  );
  const open = (row: DroppedRow) => {
    const target = recordPath(row.kind, row.record_id);
    if (target) go(target.path, target.search);
  };
  return (
    <DataTable
      label={t`Dropped changes`}
      columns={columns}
      list={list}
      rowId={(row) => row.id}
      rowLabel={(row) => row.title}
      onOpen={open}
      empty={<EmptyState icon={<IconTrash size={24} />} title={t`Nothing was dropped`} text={t`A change that you decide not to send is kept here with your reason.`} />}
    />
  );
}
