/** All orders, with the chosen one beside the list. `?open=` shows one, `?new=1` and `?edit=` open the form. */
import { Button, Select } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { IconPackage, IconPlus } from "@tabler/icons-react";
import { useCallback } from "react";
import { type OrderFilter, type OrderRow, type OrderSort, useList, useRead, useSyncNow } from "../../api";
import { DataTable, EmptyState, ListPage, ListToolbar, notifyError, PageHeader, useGo, useListState, useSearchParams } from "../../shared";
import { useOrderColumns } from "./columns";
import { OrderActions } from "./OrderActions";
import { OrderForm } from "./OrderForm";
import { OrderPanel } from "./OrderPanel";

const FILTERS: readonly OrderFilter[] = ["all", "awaiting_payment", "open", "on_hold", "partly_shipped", "shipped", "cancelled"];
const SORTS: readonly OrderSort[] = ["ordered_at", "number", "total"];
const DESCENDING_FIRST: readonly OrderSort[] = ["ordered_at", "number", "total"];

const rowId = (row: OrderRow) => row.id;
const bulkActions = (rows: OrderRow[], clear: () => void) => <OrderActions orders={rows} onDone={clear} />;
const isCancelled = (row: OrderRow) => row.status === "cancelled";

export function OrdersPage() {
  const { t } = useLingui();
  const [params, setParams] = useSearchParams();
  const state = useListState({ filters: FILTERS, sorts: SORTS, descendingFirst: DESCENDING_FIRST });
  const list = useList("listOrders", { ...state.query, filter: state.filter });
  const columns = useOrderColumns();
  const sync = useSyncNow({ onError: notifyError });
  const connected = useRead("listConnections", []).data?.length ?? 0;
  const { openId, setOpenId } = state;
  const open = useCallback((row: OrderRow) => setOpenId(row.id), [setOpenId]);
  const closePanel = useCallback(() => setOpenId(null), [setOpenId]);
  const closeForm = useCallback(() => setParams({ new: undefined, edit: undefined }), [setParams]);
  const startNew = () => setParams({ new: "1", edit: undefined });
  const words: Record<OrderFilter, string> = {
    all: t`All orders`,
    awaiting_payment: t`Awaiting payment`,
    open: t`To ship`,
    on_hold: t`On hold`,
    partly_shipped: t`Partly shipped`,
    shipped: t`Shipped`,
    cancelled: t`Cancelled`,
  };
  return (
    <>
      <ListPage
        header={
          <PageHeader
            title={t`Orders`}
            actions={
              <Button variant="default" disabled={connected === 0} loading={sync.isPending} onClick={() => sync.mutate([null])}>{t`Fetch orders`}</Button>
            }
            primary={<Button leftSection={<IconPlus size={14} aria-hidden />} onClick={startNew}>{t`New order`}</Button>}
          />
        }
        toolbar={
          <ListToolbar search={state.search} onSearch={state.setSearch} placeholder={t`Search orders`}>
            <Select
              aria-label={t`Status`}
              allowDeselect={false}
              w={176}
              data={FILTERS.map((value) => ({ value, label: words[value] }))}
              value={state.filter}
              onChange={(value) => state.setFilter(FILTERS.find((known) => known === value) ?? "all")}
            />
          </ListToolbar>
        }
        panel={openId !== null && <OrderPanel key={openId} id={openId} onClose={closePanel} onEdit={() => setParams({ edit: openId })} />}
      >
        <DataTable
          label={t`Orders`}
          columns={columns}
          list={list}
          rowId={rowId}
          rowLabel={(row) => t`Order ${row.number} of ${row.customer_name}`}
          sorting={state.sorting}
          onSort={state.onSort}
          openId={openId}
          onOpen={open}
          bulkActions={bulkActions}
          dimmed={isCancelled}
          foot={{ rows: (count) => plural(count, { one: "# order", other: "# orders" }), sums: { total: t`Total` } }}
          empty={<NoOrders unfiltered={state.unfiltered} />}
        />
      </ListPage>
      {(params.new !== undefined || params.edit !== undefined) && (
        <OrderForm key={params.edit ?? "new"} id={params.edit ?? null} onClose={closeForm} onSaved={setOpenId} />
      )}
    </>
  );
}

function NoOrders({ unfiltered }: { unfiltered: boolean }) {
  const { t } = useLingui();
  const go = useGo();
  const icon = <IconPackage size={20} />;
  if (!unfiltered) return <EmptyState icon={icon} title={t`No order fits`} text={t`Try fewer letters or another status.`} />;
  return (
    <EmptyState
      icon={icon}
      title={t`No orders yet`}
      text={t`Type one in, or connect ShipStation and sync: your shops' orders come over with their shipments.`}
      action={<Button variant="default" onClick={() => go("/settings/connections")}>{t`Connect ShipStation`}</Button>}
    />
  );
}
