/** Columns of the order list. */
import { useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import type { OrderRow, OrderSort } from "../../api";
import { Amount, formatDay, StatusBadge, SyncBadge, type TableColumn } from "../../shared";

const statusCell = (row: OrderRow) => <StatusBadge kind="order" status={row.status} />;
const totalCell = (row: OrderRow) => <Amount value={row.total} />;
const syncCell = (row: OrderRow) => <SyncBadge state={row.sync} />;

export function useOrderColumns(): TableColumn<OrderRow, OrderSort>[] {
  const { t } = useLingui();
  return useMemo(
    () => [
      { id: "number", header: t`Number`, width: "minmax(80px, 1fr)", sort: "number", cell: (row) => row.number, title: (row) => row.number },
      { id: "ordered_on", header: t`Ordered`, width: "108px", sort: "ordered_at", secondary: 1, cell: (row) => formatDay(row.ordered_on) },
      { id: "customer", narrow: "first", header: t`Customer`, width: "minmax(128px, 2fr)", cell: (row) => row.customer_name, title: (row) => row.customer_name },
      { id: "status", header: t`Status`, width: "132px", cell: statusCell },
      { id: "lines", header: t`Lines`, width: "64px", align: "end", secondary: 3, cell: (row) => row.line_count },
      { id: "total", narrow: "last", header: t`Total`, width: "120px", align: "end", sort: "total", cell: totalCell },
      { id: "source", header: t`From`, width: "112px", secondary: 2, cell: (row) => (row.source === "owner" ? t`You` : row.source), title: (row) => row.source },
      { id: "sync", header: t`Sync`, width: "36px", align: "end", cell: syncCell },
    ],
    [t],
  );
}
