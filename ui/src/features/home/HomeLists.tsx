/** What to look at today: invoices that are late and orders that wait to be shipped, the most urgent first. */
import { Anchor, Skeleton, UnstyledButton } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { type AppError, useRead } from "../../api";
import { Amount, ErrorNote, formatDay, StatusBadge, useGo } from "../../shared";
import classes from "./home.module.css";

// Only what is shown is asked for.
const FIRST = { cursor: null, limit: 6 };

export function HomeLists() {
  return (
    <div className={classes.lists}>
      <Overdue />
      <ToShip />
    </div>
  );
}

function Overdue() {
  const { t } = useLingui();
  const go = useGo();
  const list = useRead("listInvoices", [{ search: "", filter: "overdue", sort: "due_on", descending: false, ...FIRST }]);
  return (
    <HomeList title={t`Overdue invoices`} empty={t`No invoice is late.`} list={list} onAll={() => go("/invoices", { filter: "overdue", sort: "due_on", desc: "0" })}>
      {(list.data?.rows ?? []).map((row) => (
        <Entry
          key={row.id}
          name={row.customer_name}
          detail={t`${row.number}, due ${formatDay(row.due_on)}`}
          value={<Amount value={row.balance} tone="problem" />}
          onOpen={() => go("/invoices", { filter: "overdue", open: row.id })}
        />
      ))}
    </HomeList>
  );
}

function ToShip() {
  const { t } = useLingui();
  const go = useGo();
  const list = useRead("listOrders", [{ search: "", filter: "open", sort: "ordered_at", descending: false, ...FIRST }]);
  return (
    <HomeList title={t`Orders to ship`} empty={t`Every order is on its way.`} list={list} onAll={() => go("/orders", { filter: "open" })}>
      {(list.data?.rows ?? []).map((row) => (
        <Entry
          key={row.id}
          name={row.customer_name}
          detail={t`${row.number}, ordered ${formatDay(row.ordered_on)}`}
          value={row.status === "open" ? <Amount value={row.total} /> : <StatusBadge kind="order" status={row.status} />}
          onOpen={() => go("/orders", { filter: "open", open: row.id })}
        />
      ))}
    </HomeList>
  );
}

type ListProps = {
  title: string;
  empty: string;
  list: { data: { rows: unknown[]; next_cursor: string | null } | undefined; error: AppError | null; refetch: () => Promise<unknown> };
  onAll: () => void;
  children: ReactNode;
};

function HomeList({ title, empty, list, onAll, children }: ListProps) {
  const { t } = useLingui();
  return (
    <section className={classes.list} aria-label={title}>
      <div className={classes.listHead}>
        <h2 className={classes.listTitle}>{title}</h2>
        {list.data?.next_cursor != null && (
          <Anchor component="button" type="button" size="sm" onClick={onAll} aria-label={t`Show all: ${title}`}>
            {t`Show all`}
          </Anchor>
        )}
      </div>
      {list.error && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {!list.data && !list.error && [0, 1, 2].map((place) => <Skeleton key={place} height={32} mb={8} />)}
      {list.data?.rows.length === 0 && <p className={classes.none}>{empty}</p>}
      {children}
    </section>
  );
}

type EntryProps = { name: string; detail: string; value: ReactNode; onOpen: () => void };

function Entry({ name, detail, value, onOpen }: EntryProps) {
  return (
    <UnstyledButton className={classes.entry} onClick={onOpen}>
      <span className={classes.entryName} title={name} dir="auto">
        {name}
      </span>
      <span className={classes.entryDetail}>{detail}</span>
      <span className={classes.entryValue}>{value}</span>
    </UnstyledButton>
  );
}
