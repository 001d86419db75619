/**
 * Lists for tables: pages from the top, and from the end when someone goes there, with the count and the sums of all rows. Rows between
 * the two ends that were not asked for yet are holes; they load as they come into sight.
 */
import { useCallback, useMemo, useState } from "react";
import type { ListTotals, TotalsQuery } from "./bindings";
import type { AppError, Args, Data } from "./client";
import { type ListArgs, type ListName, type RowOf, usePages, useRead } from "./queries";

/** Pages of any command, one after the other. */
export type PagedList<R> = {
  /** Names the question; another key is another list, shown from its top. */
  key: string;
  rows: R[];
  /** Nothing to show yet. */
  pending: boolean;
  /** The rows shown answer an earlier question. */
  stale: boolean;
  error: AppError | null;
  /** There are more rows after the last one. */
  hasMore: boolean;
  loadMore: () => void;
  retry: () => void;
};

/** What a table needs to know of a list. */
export type ListResult<R> = Omit<PagedList<R>, "rows"> & {
  /** In their places; a row that has not been read yet is `undefined`. */
  rows: (R | undefined)[];
  /** Reads what is missing around these rows. */
  loadAround?: (first: number, last: number) => void;
  /** Reads the last rows, so that the list ends with them. */
  loadEnd?: () => void;
  /** Count and sums of all rows; `null` until they are known. */
  totals?: ListTotals | null;
  /** What to ask the sums of some of the rows with. */
  question?: TotalsQuery;
};

// The most that one request may ask for.
const PAGE_ROWS = 200;
/** Rows that are read before they come into sight. */
const AHEAD = 60;

const lists: Record<ListName, TotalsQuery["list"]> = {
  listCustomers: "customers",
  listItems: "items",
  listOrders: "orders",
  listInvoices: "invoices",
  listPayments: "payments",
  listCharges: "charges",
  listPayouts: "payouts",
};

/** A list: `useList("listCustomers", { search, filter, sort, descending })`. */
export function useList<N extends ListName>(name: N, query: ListArgs<N>): ListResult<RowOf<N>> {
  const key = JSON.stringify(query);
  const ask = (descending: boolean) => (cursor: string | null) => [{ ...query, descending, cursor, limit: PAGE_ROWS }] as unknown as Args<N>;
  const head = usePages(name, ask(query.descending));
  const question = useMemo(
    () => ({ list: lists[name], query: { ...(JSON.parse(key) as ListArgs<N>), cursor: null, limit: 1 } }) as unknown as TotalsQuery,
    [name, key],
  );
  const totals = useRead("listTotals", [question, null], { keepPrevious: true });
  const [endOf, setEndOf] = useState<string | null>(null);
  const tail = usePages(name, ask(!query.descending), { enabled: endOf === key, keepPrevious: false });
  const list = useListResult(head, rowsOfPage<Data<N>, RowOf<N>>, key);
  const count = totals.isPlaceholderData ? undefined : totals.data?.count;
  const ended = endOf === key && head.hasNextPage && count !== undefined ? tail.data : undefined;
  const last = useMemo(() => (ended?.pages ?? []).flatMap(rowsOfPage<Data<N>, RowOf<N>>), [ended]);
  const start = (count ?? 0) - last.length;
  const rows = useMemo(() => (last.length === 0 ? list.rows : joined(list.rows, last, start)), [list.rows, last, start]);
  const withEnd = last.length > 0;
  const known = list.rows.length;
  const loadAround = (from: number, to: number) => {
    const middle = withEnd ? (known + start) / 2 : Number.POSITIVE_INFINITY;
    if ((!withEnd || from < start) && to >= known - AHEAD && (from + to) / 2 < middle) more(head);
    else if (withEnd && known < start && from <= start + AHEAD) more(tail);
  };
  const loadEnd = useCallback(() => setEndOf(key), [key]);
  return { ...list, rows, hasMore: list.hasMore && !withEnd, loadAround, loadEnd, totals: totals.data ?? null, question };
}

/** The first rows, holes, and the last rows, which were read backwards and begin at `start`. */
function joined<R>(first: R[], last: R[], start: number): (R | undefined)[] {
  const begins = first.slice(0, Math.max(0, start));
  const holes = Array.from<undefined>({ length: Math.max(0, start - begins.length) });
  return [...begins, ...holes, ...last.toReversed()];
}

function rowsOfPage<P, R>(page: P): R[] {
  return (page as { rows: R[] }).rows;
}

/** The parts of an infinite query that a table needs. */
type Pages<P> = {
  data: { pages: P[] } | undefined;
  isPending: boolean;
  isPlaceholderData: boolean;
  error: AppError | null;
  hasNextPage: boolean;
  isFetching: boolean;
  fetchNextPage: () => Promise<unknown>;
  refetch: () => Promise<unknown>;
};

function more<P>(pages: Pages<P>): void {
  if (pages.hasNextPage && !pages.isFetching) void pages.fetchNextPage();
}

/** Turns the pages of any paged command into what a table shows. Keep `rowsOf` outside the component. */
export function useListResult<P, R>(pages: Pages<P>, rowsOf: (page: P) => R[], key = ""): PagedList<R> {
  const { data } = pages;
  const rows = useMemo(() => (data?.pages ?? []).flatMap(rowsOf), [data, rowsOf]);
  return {
    key,
    rows,
    pending: pages.isPending,
    stale: pages.isPlaceholderData,
    error: pages.error,
    hasMore: pages.hasNextPage,
    loadMore: () => more(pages),
    retry: () => void pages.refetch(),
  };
}
