/** Stripe's charges, with fee and net, and the invoice each one paid. */
import { Button } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { IconCreditCard } from "@tabler/icons-react";
import { useMemo } from "react";
import { type ChargeRow, type MoneyFilter, type MoneySort, useList } from "../../api";
import { Amount, DataTable, EmptyState, formatMoment, ListToolbar, RecordLink, StatusBadge, type TableColumn, useGo, useListState } from "../../shared";
import classes from "./payments.module.css";

const FILTERS: readonly MoneyFilter[] = ["all", "unmatched"];
const SORTS: readonly MoneySort[] = ["date", "amount"];
const rowId = (row: ChargeRow) => row.id;
/** What was taken; a reservation shows what is reserved. */
const taken = (row: ChargeRow) => (row.status === "pending" || row.status === "failed" ? row.amount : row.captured);
const amountCell = (row: ChargeRow) => <Amount value={taken(row)} />;
const feeCell = (row: ChargeRow) => <Amount value={row.fee} />;
const netCell = (row: ChargeRow) => <Amount value={row.net} />;
const statusCell = (row: ChargeRow) => <StatusBadge kind="charge" status={row.status} />;
const invoiceCell = (row: ChargeRow) =>
  row.invoice_id === null ? (
    "–"
  ) : (
    <RecordLink kind="invoice" id={row.invoice_id}>
      {row.invoice_number ?? ""}
    </RecordLink>
  );

export function ChargeList() {
  const { t } = useLingui();
  const go = useGo();
  const state = useListState({ filters: FILTERS, sorts: SORTS, descendingFirst: SORTS });
  const list = useList("listCharges", { ...state.query, filter: state.filter });
  const columns = useMemo<TableColumn<ChargeRow, MoneySort>[]>(
    () => [
      { id: "created_at", header: t`Made`, width: "156px", sort: "date", cell: (row) => formatMoment(row.created_at) },
      { id: "customer", narrow: "first", header: t`Payer`, width: "minmax(120px, 1.4fr)", cell: (row) => row.customer_name, title: (row) => row.customer_name },
      { id: "description", header: t`Description`, width: "minmax(120px, 1.6fr)", secondary: 3, cell: (row) => row.description, title: (row) => row.description },
      { id: "status", header: t`Status`, width: "120px", cell: statusCell },
      { id: "invoice", header: t`Invoice`, width: "80px", cell: invoiceCell },
      { id: "amount", narrow: "last", header: t`Amount`, width: "104px", align: "end", sort: "amount", cell: amountCell },
      { id: "fee", header: t`Fee`, width: "76px", align: "end", secondary: 2, cell: feeCell },
      { id: "net", header: t`Net`, width: "104px", align: "end", secondary: 1, cell: netCell },
    ],
    [t],
  );
  return (
    <section className={classes.main}>
      <div className={classes.toolbar}>
        <ListToolbar
          search={state.search}
          onSearch={state.setSearch}
          placeholder={t`Search charges`}
          filter={state.filter}
          onFilter={state.setFilter}
          filters={[
            { value: "all", label: t`All` },
            { value: "unmatched", label: t`Without an invoice` },
          ]}
        />
      </div>
      <DataTable
        label={t`Stripe charges`}
        columns={columns}
        list={list}
        rowId={rowId}
        rowLabel={(row) => t`Charge ${row.remote_id}`}
        sorting={state.sorting}
        onSort={state.onSort}
        foot={{ rows: (count) => plural(count, { one: "# charge", other: "# charges" }), sums: { amount: t`Amount` } }}
        empty={
          state.unfiltered ? (
            <EmptyState
              icon={<IconCreditCard size={20} />}
              title={t`No charges yet`}
              text={t`Connect Stripe and sync. A charge whose metadata names an invoice marks it as paid.`}
              action={<Button variant="default" onClick={() => go("/settings/connections")}>{t`Connect Stripe`}</Button>}
            />
          ) : (
            <EmptyState icon={<IconCreditCard size={20} />} title={t`No charge fits`} text={t`Try fewer letters or the other filter.`} />
          )
        }
      />
    </section>
  );
}
