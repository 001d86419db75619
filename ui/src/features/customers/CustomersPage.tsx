/** All customers, with the chosen one beside the list. `?open=` shows one, `?new=1` and `?edit=` open the form. */
import { Button } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { IconPlus, IconUsers } from "@tabler/icons-react";
import { useCallback } from "react";
import { type ArchiveFilter, type CustomerRow, type CustomerSort, useList } from "../../api";
import { DataTable, EmptyState, ListPage, ListToolbar, PageHeader, useGo, useListState, useSearchParams } from "../../shared";
import { useCustomerColumns } from "./columns";
import { CustomerForm } from "./CustomerForm";
import { CustomerPanel } from "./CustomerPanel";
import { useArchiveCustomers } from "./useArchiveCustomers";

const FILTERS: readonly ArchiveFilter[] = ["active", "archived", "all"];
const SORTS: readonly CustomerSort[] = ["name", "open_balance", "updated_at"];
const DESCENDING_FIRST: readonly CustomerSort[] = ["open_balance", "updated_at"];

const rowId = (row: CustomerRow) => row.id;
const rowLabel = (row: CustomerRow) => row.display_name;
const isArchived = (row: CustomerRow) => row.archived;
const bulkActions = (rows: CustomerRow[], clear: () => void) => <BulkArchive rows={rows} clear={clear} />;

export function CustomersPage() {
  const { t } = useLingui();
  const [params, setParams] = useSearchParams();
  const state = useListState({ filters: FILTERS, sorts: SORTS, descendingFirst: DESCENDING_FIRST });
  const list = useList("listCustomers", { ...state.query, filter: state.filter });
  const columns = useCustomerColumns();
  const { openId, setOpenId } = state;
  const open = useCallback((row: CustomerRow) => setOpenId(row.id), [setOpenId]);
  const closePanel = useCallback(() => setOpenId(null), [setOpenId]);
  const closeForm = useCallback(() => setParams({ new: undefined, edit: undefined }), [setParams]);
  const startNew = () => setParams({ new: "1", edit: undefined });

  return (
    <>
      <ListPage
        header={<PageHeader title={t`Customers`} primary={<Button leftSection={<IconPlus size={14} />} onClick={startNew}>{t`New customer`}</Button>} />}
        toolbar={
          <ListToolbar
            search={state.search}
            onSearch={state.setSearch}
            placeholder={t`Search customers`}
            filter={state.filter}
            onFilter={state.setFilter}
            filters={[
              { value: "active", label: t`Active` },
              { value: "archived", label: t`Archived` },
              { value: "all", label: t`All` },
            ]}
          />
        }
        panel={openId !== null && <CustomerPanel key={openId} id={openId} onClose={closePanel} onEdit={() => setParams({ edit: openId })} />}
      >
        <DataTable
          label={t`Customers`}
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
          foot={{ rows: (count) => plural(count, { one: "# customer", other: "# customers" }), sums: { open_balance: t`Open balance` } }}
          empty={<NoCustomers unfiltered={state.unfiltered} onNew={startNew} onShowAll={() => clearFilters(state)} />}
        />
      </ListPage>
      {(params.new !== undefined || params.edit !== undefined) && (
        <CustomerForm key={params.edit ?? "new"} id={params.edit ?? null} onClose={closeForm} onSaved={setOpenId} />
      )}
    </>
  );
}

function BulkArchive({ rows, clear }: { rows: CustomerRow[]; clear: () => void }) {
  const { t } = useLingui();
  const archive = useArchiveCustomers();
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

function clearFilters(state: { setSearch: (text: string) => void; setFilter: (filter: ArchiveFilter) => void }): void {
  state.setSearch("");
  state.setFilter("active");
}

function NoCustomers({ unfiltered, onNew, onShowAll }: { unfiltered: boolean; onNew: () => void; onShowAll: () => void }) {
  const { t } = useLingui();
  const go = useGo();
  if (!unfiltered) {
    return (
      <EmptyState
        icon={<IconUsers size={20} />}
        title={t`No customer fits`}
        text={t`Try fewer letters, or look among all customers.`}
        action={<Button variant="default" onClick={onShowAll}>{t`Clear search and filter`}</Button>}
      />
    );
  }
  return (
    <EmptyState
      icon={<IconUsers size={20} />}
      title={t`No customers yet`}
      text={t`Add the first one, or connect QuickBooks and sync to bring yours over.`}
      action={
        <>
          <Button variant="default" onClick={onNew}>{t`Add a customer`}</Button>
          <Button variant="default" onClick={() => go("/settings/connections")}>{t`Connect QuickBooks`}</Button>
        </>
      }
    />
  );
}
