/** Columns of the invoice list. */
import { useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import type { InvoiceRow, InvoiceSort } from "../../api";
import { Amount, formatDay, StatusBadge, SyncBadge, type TableColumn } from "../../shared";

const statusCell = (row: InvoiceRow) => <StatusBadge kind="invoice" status={row.status} />;
const totalCell = (row: InvoiceRow) => <Amount value={row.total} />;
const balanceCell = (row: InvoiceRow) => <Amount value={row.balance} quietZero {...(row.status === "overdue" && { tone: "problem" as const })} />;
const syncCell = (row: InvoiceRow) => <SyncBadge state={row.sync} />;

export function useInvoiceColumns(): TableColumn<InvoiceRow, InvoiceSort>[] {
  const { t } = useLingui();
  return useMemo(
    () => [
      { id: "number", header: t`Number`, width: "minmax(80px, 0.8fr)", sort: "number", cell: (row) => row.number || t`Draft`, title: (row) => row.number },
      { id: "customer", narrow: "first", header: t`Customer`, width: "minmax(128px, 2fr)", cell: (row) => row.customer_name, title: (row) => row.customer_name },
      { id: "issued_on", header: t`Date`, width: "108px", sort: "issued_on", secondary: 2, cell: (row) => formatDay(row.issued_on) },
      { id: "due_on", header: t`Due`, width: "108px", sort: "due_on", secondary: 3, cell: (row) => formatDay(row.due_on) },
      { id: "status", header: t`Status`, width: "112px", cell: statusCell },
      { id: "total", narrow: "last", header: t`Total`, width: "120px", align: "end", sort: "total", cell: totalCell },
      { id: "balance", header: t`Open`, width: "120px", align: "end", sort: "balance", secondary: 1, cell: balanceCell },
      { id: "sync", header: t`Sync`, width: "36px", align: "end", cell: syncCell },
    ],
    [t],
  );
}
