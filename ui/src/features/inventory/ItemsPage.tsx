/** All items, with the chosen one beside the list. `?open=` shows one, `?new=1`, `?edit=` and `?stock=` open a form. */
import { Button } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { IconBox, IconPlus } from "@tabler/icons-react";
import { type ReactNode, useCallback } from "react";
import { type ItemFilter, type ItemRow, type ItemSort, useList } from "../../api";
import { DataTable, EmptyState, ListPage, ListToolbar, PageHeader, useGo, useListState, useSearchParams } from "../../shared";
import { useItemColumns } from "./columns";
import { ItemForm } from "./ItemForm";
import { ItemPanel } from "./ItemPanel";
import { StockDialog } from "./StockDialog";
import { useArchiveItems } from "./useArchiveItems";

type FilterName = "active" | "low" | "archived" | "all";

const FILTERS: readonly FilterName[] = ["active", "low", "archived", "all"];
const SORTS: readonly ItemSort[] = ["name", "sku", "available", "updated_at"];
const DESCENDING_FIRST: readonly ItemSort[] = ["updated_at"];

const itemFilters: Record<FilterName, ItemFilter> = {
  active: { archive: "active", low_stock: false },
  low: { archive: "active", low_stock: true },
  archived: { archive: "archived", low_stock: false },
  all: { archive: "all", low_stock: false },
};

const rowId = (row: ItemRow) => row.id;
const rowLabel = (row: ItemRow) => row.name;
const isArchived = (row: ItemRow) => row.archived;
const bulkActions = (rows: ItemRow[], clear: () => void) => <BulkArchive rows={rows} clear={clear} />;

export function ItemsPage({ views }: { views: ReactNode }) {
  const { t } = useLingui();
  const [params, setParams] = useSearchParams();
  const state = useListState({ filters: FILTERS, sorts: SORTS, descendingFirst: DESCENDING_FIRST });
  const list = useList("listItems", { ...state.query, filter: itemFilters[state.filter] });
  const columns = useItemColumns();
  const { openId, setOpenId } = state;
  const open = useCallback((row: ItemRow) => setOpenId(row.id), [setOpenId]);
  const closePanel = useCallback(() => setOpenId(null), [setOpenId]);
  const closeForm = useCallback(() => setParams({ new: undefined, edit: undefined }), [setParams]);
  const startNew = () => setParams({ new: "1", edit: undefined });
  const showAll = () => {
    state.setSearch("");
    state.setFilter("active");
  };

  return (
    <>
      <ListPage
        header={<PageHeader title={t`Inventory`} actions={views} primary={<Button leftSection={<IconPlus size={14} />} onClick={startNew}>{t`New item`}</Button>} />}
        toolbar={
          <ListToolbar
            search={state.search}
            onSearch={state.setSearch}
            placeholder={t`Search items`}
            filter={state.filter}
            onFilter={state.setFilter}
            filters={[
              { value: "active", label: t`Active` },
              { value: "low", label: t`Low stock` },
              { value: "archived", label: t`Archived` },
              { value: "all", label: t`All` },
            ]}
          />
        }
        panel={
          openId !== null && (
            <ItemPanel key={openId} id={openId} onClose={closePanel} onEdit={() => setParams({ edit: openId })} onStock={() => setParams({ stock: openId })} />
          )
        }
      >
        <DataTable
          label={t`Items`}
          columns={columns}
          list={list}
          rowId={rowId}
          rowLabel={rowLabel}
          sorting={state.sorting}
          onSort={state.onSort}
          openId={openId}
          onOpen={open}
          bulkActions={bulkActions}
          dimmed={isArchived}
          foot={{ rows: (count) => plural(count, { one: "# item", other: "# items" }) }}
          empty={<NoItems unfiltered={state.unfiltered} low={state.filter === "low" && state.search === ""} onNew={startNew} onShowAll={showAll} />}
        />
      </ListPage>
      {(params.new !== undefined || params.edit !== undefined) && (
        <ItemForm key={params.edit ?? "new"} id={params.edit ?? null} onClose={closeForm} onSaved={setOpenId} />
      )}
      {params.stock !== undefined && <StockDialog itemId={params.stock} onClose={() => setParams({ stock: undefined })} />}
    </>
  );
}

function BulkArchive({ rows, clear }: { rows: ItemRow[]; clear: () => void }) {
  const { t } = useLingui();
  const archive = useArchiveItems();
  const toArchive = rows.some((row) => !row.archived);
  const run = () => {
    void archive(rows.filter((row) => row.archived !== toArchive).map(rowId), toArchive);
    clear();
  };
  return (
    <Button size="xs" variant="default" onClick={run}>
      {toArchive ? t`Archive` : t`Bring back`}
    </Button>
  );
}

function NoItems({ unfiltered, low, onNew, onShowAll }: { unfiltered: boolean; low: boolean; onNew: () => void; onShowAll: () => void }) {
  const { t } = useLingui();
  const go = useGo();
  const icon = <IconBox size={20} />;
  if (low) {
    return (
      <EmptyState
        icon={icon}
        title={t`Nothing is low`}
        text={t`Items appear here when their available quantity falls to the reorder point.`}
        action={<Button variant="default" onClick={onShowAll}>{t`Show all items`}</Button>}
      />
    );
  }
  if (!unfiltered) {
    return (
      <EmptyState
        icon={icon}
        title={t`No item fits`}
        text={t`Try fewer letters, or look among all items.`}
        action={<Button variant="default" onClick={onShowAll}>{t`Clear search and filter`}</Button>}
      />
    );
  }
  return (
    <EmptyState
      icon={icon}
      title={t`No items yet`}
      text={t`Add what you sell, or connect QuickBooks or ShipStation and sync to bring your items over.`}
      action={
        <>
          <Button variant="default" onClick={onNew}>{t`Add an item`}</Button>
          <Button variant="default" onClick={() => go("/settings/connections")}>{t`Connect an account`}</Button>
        </>
      }
    />
  );
}
