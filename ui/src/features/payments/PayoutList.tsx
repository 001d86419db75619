/** Stripe's payouts; the chosen one shows every entry it is made of, their sum, and the difference, which must be zero. */
import { Button, Skeleton } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle, IconBuildingBank, IconCheck } from "@tabler/icons-react";
import { clsx } from "clsx";
import { useCallback, useMemo } from "react";
import { type MoneyFilter, type MoneySort, type PayoutRow, type PayoutView, useList, useRead } from "../../api";
import {
  Amount,
  Badge,
  DataTable,
  EmptyState,
  ErrorState,
  fieldWords,
  formatDay,
  formatMoney,
  isZero,
  ListToolbar,
  PanelSection,
  SidePanel,
  type TableColumn,
  useGo,
  useListState,
} from "../../shared";
import classes from "./payments.module.css";

const FILTERS: readonly MoneyFilter[] = ["all", "unmatched"];
const SORTS: readonly MoneySort[] = ["date", "amount"];
const rowId = (row: PayoutRow) => row.id;
const amountCell = (row: PayoutRow) => <Amount value={row.amount} />;
const statusCell = (row: PayoutRow) => <Badge tone={row.status === "failed" || row.status === "canceled" ? "problem" : "neutral"} label={fieldWords(row.status)} />;

function Proof({ row }: { row: PayoutRow }) {
  const { t } = useLingui();
  if (row.difference === null) return <Badge tone="neutral" label={t`Entries not known yet`} />;
  return isZero(row.difference) ? <Badge tone="good" label={t`To the cent`} /> : <Badge tone="warning" label={t`Differs by ${formatMoney(row.difference)}`} />;
}

const proofCell = (row: PayoutRow) => <Proof row={row} />;

export function PayoutList() {
  const { t } = useLingui();
  const go = useGo();
  const state = useListState({ filters: FILTERS, sorts: SORTS, descendingFirst: SORTS });
  const list = useList("listPayouts", { ...state.query, filter: state.filter });
  const { openId, setOpenId } = state;
  const open = useCallback((row: PayoutRow) => setOpenId(row.id), [setOpenId]);
  const columns = useMemo<TableColumn<PayoutRow, MoneySort>[]>(
    () => [
      { id: "arrives_on", narrow: "first", header: t`Arrives`, width: "116px", sort: "date", cell: (row) => formatDay(row.arrives_on) },
      { id: "remote_id", header: t`Payout`, width: "minmax(144px, 1fr)", secondary: 1, cell: (row) => row.remote_id, title: (row) => row.remote_id },
      { id: "status", header: t`Status`, width: "96px", cell: statusCell },
      { id: "amount", narrow: "last", header: t`Amount`, width: "120px", align: "end", sort: "amount", cell: amountCell },
      { id: "proof", header: t`Proof`, width: "168px", cell: proofCell },
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
            placeholder={t`Search payouts`}
            filter={state.filter}
            onFilter={state.setFilter}
            filters={[
              { value: "all", label: t`All` },
              { value: "unmatched", label: t`Not proven` },
            ]}
          />
        </div>
        <DataTable
          label={t`Stripe payouts`}
          columns={columns}
          list={list}
          rowId={rowId}
          rowLabel={(row) => t`Payout of ${formatDay(row.arrives_on)}`}
          sorting={state.sorting}
          onSort={state.onSort}
          openId={openId}
          onOpen={open}
          foot={{ rows: (count) => plural(count, { one: "# payout", other: "# payouts" }), sums: { amount: t`Amount` } }}
          empty={
            state.unfiltered ? (
              <EmptyState
                icon={<IconBuildingBank size={20} />}
                title={t`No payouts yet`}
                text={t`Connect Stripe and sync. Each payout is shown with every charge, fee and refund it is made of.`}
                action={<Button variant="default" onClick={() => go("/settings/connections")}>{t`Connect Stripe`}</Button>}
              />
            ) : (
              <EmptyState icon={<IconBuildingBank size={20} />} title={t`No payout fits`} text={t`Try fewer letters or the other filter.`} />
            )
          }
        />
      </section>
      {openId !== null && <PayoutPanel key={openId} id={openId} onClose={() => setOpenId(null)} />}
    </>
  );
}

function PayoutPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useLingui();
  const payout = useRead("getPayout", [id]);
  const view = payout.data;
  if (!view) {
    return (
      <SidePanel title={t`Payout`} onClose={onClose}>
        {payout.error ? <ErrorState error={payout.error} onRetry={() => void payout.refetch()} /> : <Skeleton height={160} />}
      </SidePanel>
    );
  }
  return (
    <SidePanel title={t`Payout of ${formatDay(view.row.arrives_on)}`} subtitle={view.row.remote_id} onClose={onClose}>
      <PanelSection title={t`Proof`}>
        <Verdict view={view} />
        <Entries view={view} />
      </PanelSection>
    </SidePanel>
  );
}

function Verdict({ view }: { view: PayoutView }) {
  const { t } = useLingui();
  const { difference } = view.row;
  const proven = difference !== null && isZero(difference);
  const words =
    difference === null
      ? view.automatic
        ? t`Stripe has not told yet what it is made of. It comes with a later sync.`
        : t`Stripe does not tell what manual payouts are made of.`
      : proven
        ? t`The entries add up to the payout, to the cent.`
        : t`The entries differ from the payout by ${formatMoney(difference)}.`;
  return (
    <div className={clsx(classes.verdict, proven ? classes.proven : classes.unproven)}>
      {proven ? <IconCheck size={16} aria-hidden /> : <IconAlertTriangle size={16} aria-hidden />}
      {words}
    </div>
  );
}

function Entries({ view }: { view: PayoutView }) {
  const { t } = useLingui();
  if (view.entries.length === 0) return null;
  return (
    <table className={classes.proof}>
      <thead>
        <tr>
          <th scope="col">{t`Entry`}</th>
          <th scope="col">{t`Gross`}</th>
          <th scope="col">{t`Fee`}</th>
          <th scope="col">{t`Net`}</th>
        </tr>
      </thead>
      <tbody>
        {view.entries.map((entry) => (
          <tr key={entry.id}>
            <td>
              {fieldWords(entry.category)}
              {entry.description !== "" && <div className={classes.muted}>{entry.description}</div>}
            </td>
            <td>
              <Amount value={entry.amount} />
            </td>
            <td>
              <Amount value={entry.fee} quietZero />
            </td>
            <td>
              <Amount value={entry.net} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">
            <Trans>Sum</Trans>
          </th>
          <td>
            <Amount value={view.gross} />
          </td>
          <td>
            <Amount value={view.fees} />
          </td>
          <td>
            <Amount value={view.net} />
          </td>
        </tr>
        <tr>
          <th scope="row" colSpan={3}>
            <Trans>Payout</Trans>
          </th>
          <td>
            <Amount value={view.row.amount} />
          </td>
        </tr>
      </tfoot>
    </table>
  );
}
