/** Payments received, with the chosen one beside the list. */
import { Button, Skeleton, Text } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { IconCreditCard } from "@tabler/icons-react";
import { useCallback, useMemo } from "react";
import { type MoneyFilter, type MoneySort, type PaymentRow, useChange, useList, useRead } from "../../api";
import {
  Amount,
  Badge,
  DataTable,
  EmptyState,
  Entries,
  ErrorState,
  Facts,
  formatDay,
  isZero,
  ListToolbar,
  notifyDone,
  notifyError,
  PanelSection,
  RecordHistory,
  RecordLink,
  SidePanel,
  SyncBadge,
  SyncList,
  type TableColumn,
  useConfirm,
  useListState,
} from "../../shared";
import classes from "./payments.module.css";

const FILTERS: readonly MoneyFilter[] = ["all", "unmatched"];
const SORTS: readonly MoneySort[] = ["date", "amount"];
const rowId = (row: PaymentRow) => row.id;
const isVoided = (row: PaymentRow) => row.voided;
const amountCell = (row: PaymentRow) => <Amount value={row.amount} />;
const unappliedCell = (row: PaymentRow) => <Amount value={row.unapplied} quietZero />;
const syncCell = (row: PaymentRow) => <SyncBadge state={row.sync} />;

export function PaymentList() {
  const { t } = useLingui();
  const state = useListState({ filters: FILTERS, sorts: SORTS, descendingFirst: SORTS });
  const list = useList("listPayments", { ...state.query, filter: state.filter });
  const { openId, setOpenId } = state;
  const open = useCallback((row: PaymentRow) => setOpenId(row.id), [setOpenId]);
  const columns = useMemo<TableColumn<PaymentRow, MoneySort>[]>(
    () => [
      { id: "received_on", header: t`Received`, width: "116px", sort: "date", cell: (row) => formatDay(row.received_on) },
      { id: "customer", narrow: "first", header: t`Customer`, width: "minmax(128px, 2fr)", cell: (row) => row.customer_name, title: (row) => row.customer_name },
      { id: "method", header: t`Method`, width: "minmax(96px, 1fr)", secondary: 1, cell: (row) => row.method, title: (row) => row.method },
      { id: "reference", header: t`Reference`, width: "minmax(112px, 1.2fr)", secondary: 2, cell: (row) => row.reference, title: (row) => row.reference },
      { id: "amount", narrow: "last", header: t`Amount`, width: "128px", align: "end", sort: "amount", cell: amountCell },
      { id: "unapplied", header: t`Not applied`, width: "112px", align: "end", secondary: 3, cell: unappliedCell },
      { id: "sync", header: t`Sync`, width: "36px", align: "end", cell: syncCell },
    ],
    [t],
  );
  return (
    <>
      <section className={classes.main}>
        <div className={classes.toolbar}>
          <ListToolbar
            search={state.search}
            onSearch={state.setSearch}
            placeholder={t`Search payments`}
            filter={state.filter}
            onFilter={state.setFilter}
            filters={[
              { value: "all", label: t`All` },
              { value: "unmatched", label: t`Not fully applied` },
            ]}
          />
        </div>
        <DataTable
          label={t`Payments`}
          columns={columns}
          list={list}
          rowId={rowId}
          rowLabel={(row) => t`Payment of ${row.customer_name}, ${formatDay(row.received_on)}`}
          sorting={state.sorting}
          onSort={state.onSort}
          openId={openId}
          onOpen={open}
          dimmed={isVoided}
          foot={{ rows: (count) => plural(count, { one: "# payment", other: "# payments" }), sums: { amount: t`Amount`, unapplied: t`Unapplied` } }}
          empty={
            state.unfiltered ? (
              <EmptyState icon={<IconCreditCard size={20} />} title={t`No payments yet`} text={t`Record one, or connect Stripe and QuickBooks: payments come over and mark their invoices as paid.`} />
            ) : (
              <EmptyState icon={<IconCreditCard size={20} />} title={t`No payment fits`} text={t`Try fewer letters or the other filter.`} />
            )
          }
        />
      </section>
      {openId !== null && <PaymentPanel key={openId} id={openId} onClose={() => setOpenId(null)} />}
    </>
  );
}

function PaymentPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useLingui();
  const payment = useRead("getPayment", [id]);
  const confirm = useConfirm();
  const cancel = useChange("voidPayment", { onError: notifyError });
  const view = payment.data;
  if (!view) {
    return (
      <SidePanel title={t`Payment`} onClose={onClose}>
        {payment.error ? <ErrorState error={payment.error} onRetry={() => void payment.refetch()} /> : <Skeleton height={120} />}
      </SidePanel>
    );
  }
  const ask = async () => {
    const sure = await confirm({
      title: t`Cancel this payment?`,
      text: t`Its invoices are open again, here and at QuickBooks. No money is given back by this.`,
      confirmLabel: t`Cancel the payment`,
      cancelLabel: t`Keep it`,
      danger: true,
    });
    if (sure) cancel.mutate([id], { onSuccess: () => notifyDone(t`Payment cancelled`) });
  };
  const { row } = view;
  return (
    <SidePanel
      title={t`Payment of ${row.customer_name}`}
      subtitle={row.voided ? <Badge tone="neutral" label={t`Cancelled`} /> : formatDay(row.received_on)}
      onClose={onClose}
      footer={<Button variant="subtle" color="red" disabled={row.voided} loading={cancel.isPending} onClick={() => void ask()}>{t`Cancel the payment`}</Button>}
    >
      <PanelSection title={t`Payment`}>
        <Facts
          facts={[
            [t`Amount`, <Amount key="amount" value={row.amount} tone="strong" />],
            [t`Not applied`, isZero(row.unapplied) ? "" : <Amount key="unapplied" value={row.unapplied} />],
            [t`Customer`, <RecordLink key="customer" kind="customer" id={view.customer_id}>{row.customer_name}</RecordLink>],
            [t`Method`, row.method],
            [t`Reference`, row.reference],
            [t`Note`, view.note],
          ]}
        />
      </PanelSection>
      <PanelSection title={t`Pays`}>
        {view.applied.length === 0 && <Text size="sm" className={classes.muted}>{t`No invoice. It stays as the customer's credit.`}</Text>}
        <Entries
          entries={view.applied.map((part) => ({
            id: part.invoice_id,
            label: <RecordLink kind="invoice" id={part.invoice_id}>{t`Invoice ${part.number}`}</RecordLink>,
            value: <Amount value={part.amount} />,
          }))}
        />
      </PanelSection>
      <PanelSection title={t`Sync`}>
        <SyncList sync={view.sync} />
      </PanelSection>
      <PanelSection title={t`History`}>
        <RecordHistory kind="payment" id={id} history={view.history} />
      </PanelSection>
    </SidePanel>
  );
}
