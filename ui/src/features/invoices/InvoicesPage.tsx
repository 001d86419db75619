/** All invoices, with the chosen one beside the list. */
import { Button } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { IconFileInvoice, IconPlus } from "@tabler/icons-react";
import { useCallback } from "react";
import { type InvoiceFilter, type InvoiceRow, type InvoiceSort, useList } from "../../api";
import { DataTable, EmptyState, ListPage, ListToolbar, PageHeader, useGo, useListState } from "../../shared";
import { useInvoiceColumns } from "./columns";
import { InvoicePanel } from "./InvoicePanel";
import { useVoidInvoices } from "./useVoidInvoices";

const FILTERS: readonly InvoiceFilter[] = ["all", "draft", "open", "overdue", "paid", "void"];
const SORTS: readonly InvoiceSort[] = ["issued_on", "due_on", "number", "total", "balance"];
const DESCENDING_FIRST: readonly InvoiceSort[] = ["issued_on", "number", "total", "balance"];

const rowId = (row: InvoiceRow) => row.id;
const isVoid = (row: InvoiceRow) => row.status === "void";
const bulkActions = (rows: InvoiceRow[], clear: () => void) => <BulkVoid rows={rows} clear={clear} />;

export function InvoicesPage() {
  const { t } = useLingui();
  const go = useGo();
  const state = useListState({ filters: FILTERS, sorts: SORTS, descendingFirst: DESCENDING_FIRST });
  const list = useList("listInvoices", { ...state.query, filter: state.filter });
  const columns = useInvoiceColumns();
  const { openId, setOpenId } = state;
  const open = useCallback((row: InvoiceRow) => setOpenId(row.id), [setOpenId]);
  const closePanel = useCallback(() => setOpenId(null), [setOpenId]);
  const startNew = () => go("/invoices/new");
  return (
    <ListPage
      header={
        <PageHeader
          title={t`Invoices`}
          primary={<Button leftSection={<IconPlus size={14} aria-hidden />} onClick={startNew}>{t`New invoice`}</Button>}
        />
      }
      toolbar={
        <ListToolbar
          search={state.search}
          onSearch={state.setSearch}
          placeholder={t`Search invoices`}
          filter={state.filter}
          onFilter={state.setFilter}
          filters={[
            { value: "all", label: t`All` },
            { value: "draft", label: t`Drafts` },
            { value: "open", label: t`Open` },
            { value: "overdue", label: t`Overdue` },
            { value: "paid", label: t`Paid` },
            { value: "void", label: t`Void` },
          ]}
        />
      }
      panel={openId !== null && <InvoicePanel key={openId} id={openId} onClose={closePanel} />}
    >
      <DataTable
        label={t`Invoices`}
        columns={columns}
        list={list}
        rowId={rowId}
        rowLabel={(row) => t`Invoice ${row.number} of ${row.customer_name}`}
        sorting={state.sorting}
        onSort={state.onSort}
        openId={openId}
        onOpen={open}
        bulkActions={bulkActions}
        dimmed={isVoid}
        foot={{ rows: (count) => plural(count, { one: "# invoice", other: "# invoices" }), sums: { total: t`Total`, balance: t`Balance due` } }}
        empty={<NoInvoices unfiltered={state.unfiltered} onNew={startNew} />}
      />
    </ListPage>
  );
}

function BulkVoid({ rows, clear }: { rows: InvoiceRow[]; clear: () => void }) {
  const { t } = useLingui();
  const voidInvoices = useVoidInvoices();
  const chosen = rows.filter((row) => !isVoid(row));
  return (
    <Button size="xs" variant="default" disabled={chosen.length === 0} onClick={() => void voidInvoices(chosen).then((done) => done && clear())}>
      {t`Void`}
    </Button>
  );
}

function NoInvoices({ unfiltered, onNew }: { unfiltered: boolean; onNew: () => void }) {
  const { t } = useLingui();
  const icon = <IconFileInvoice size={20} />;
  if (!unfiltered) return <EmptyState icon={icon} title={t`No invoice fits`} text={t`Try fewer letters or another filter.`} />;
  return (
    <EmptyState
      icon={icon}
      title={t`No invoices yet`}
      text={t`Write the first one. It is numbered, dated and due by itself, and goes to QuickBooks once that is connected.`}
      action={<Button variant="default" onClick={onNew}>{t`Write an invoice`}</Button>}
    />
  );
}
