/**
 * Every read of the window. A command is either in `changing` or has its tags in `queryTags`; a new command that is in
 * neither does not compile. Data never goes stale by time: events name the tags that changed (see `events.ts`).
 */
import {
  type InfiniteData,
  keepPreviousData,
  QueryClient,
  type QueryKey,
  useInfiniteQuery,
  useMutation,
  type UseMutationOptions,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useCallback } from "react";
import type { ListQuery, RunView, SyncStatus, Tag } from "./bindings";
import { type AppError, type Args, call, type CommandName, type Data } from "./client";

/** Commands that change something or start something; never cached. */
const changing = [
  "setUpCompany",
  "saveCompany",
  "readWholeNumber",
  "saveTaxCode",
  "saveLocation",
  "saveSyncSettings",
  "saveCustomer",
  "archiveCustomers",
  "saveItem",
  "archiveItems",
  "changeStock",
  "saveOrder",
  "actOnOrders",
  "saveInvoice",
  "renumberInvoice",
  "voidInvoices",
  "recordPayment",
  "voidPayment",
  "startSignIn",
  "finishSignIn",
  "cancelSignIn",
  "connectWithKeys",
  "disconnect",
  "refreshConnectionChoices",
  "saveConnectionSetting",
  "syncNow",
  "cancelRun",
  "pauseSync",
  "retryProblems",
  "dismissProblem",
  "releaseBrake",
  "answerSamePayment",
  "renameRecord",
  "sendAnew",
  "planSync",
  "decidePlanItems",
  "runPlan",
  "discardPlan",
  "resolveConflict",
  "saveConflictRule",
  "dropOutbox",
  "auditNow",
  "fixAuditFinding",
  "undoRun",
  "restoreRecordVersion",
  "exportData",
  "backUpNow",
  "restoreBackup",
  "openBackupFolder",
] as const satisfies readonly CommandName[];

export type ChangingName = (typeof changing)[number];
export type QueryName = Exclude<CommandName, ChangingName>;

/** What each query is made of. */
export const queryTags: Record<QueryName, readonly Tag[]> = {
  appStatus: ["company", "settings"],
  choices: ["company", "settings"],
  syncSettings: ["settings"],
  findCustomers: ["customers"],
  listCustomers: ["customers", "invoices", "payments", "outbox", "problems"],
  getCustomer: ["customers", "invoices", "payments", "outbox", "problems"],
  findItems: ["items", "stock"],
  listItems: ["items", "stock", "orders", "outbox", "problems"],
  getItem: ["items", "stock", "orders", "outbox", "problems"],
  findStock: ["items", "stock", "orders"],
  listMovements: ["stock"],
  listOrders: ["orders", "outbox", "problems"],
  getOrder: ["orders", "stock", "invoices", "outbox", "problems"],
  previewOrder: ["items", "company"],
  // A form starts from it once; nothing may replace what was typed since. Read it with `fresh`.
  shippingOptions: [],
  listInvoices: ["invoices", "payments", "outbox", "problems"],
  getInvoice: ["invoices", "payments", "outbox", "problems"],
  // A form starts from it once; nothing may replace what was typed since. Read it with `fresh`.
  newInvoice: [],
  previewInvoice: ["company", "items", "customers", "settings"],
  listPayments: ["payments", "invoices", "outbox", "problems"],
  getPayment: ["payments", "invoices", "outbox", "problems"],
  openInvoices: ["invoices", "payments"],
  listCharges: ["money_records", "invoices", "payments"],
  listPayouts: ["money_records"],
  getPayout: ["money_records"],
  listVendors: ["connections"],
  listConnections: ["connections", "problems", "outbox", "runs"],
  syncStatus: ["connections", "runs", "outbox", "problems", "settings"],
  listRuns: ["runs"],
  getRun: ["runs"],
  // What an undo would do depends on every record as it is now; asked for each time it is shown, with `fresh`.
  previewUndo: ["runs"],
  getUndo: ["runs"],
  listHistory: ["customers", "items", "orders", "invoices", "payments", "outbox", "problems"],
  getRecordVersion: ["customers", "items", "orders", "invoices", "payments"],
  listOutbox: ["outbox", "problems"],
  listProblems: ["problems", "outbox"],
  listConflicts: ["problems", "outbox"],
  listDropped: ["outbox"],
  auditView: ["audits", "connections"],
  listAuditFindings: ["audits", "connections"],
  listTotals: ["customers", "items", "stock", "orders", "invoices", "payments", "money_records"],
  listBackups: ["backups", "company"],
  // What would be lost depends on every record as it is now; read with `fresh`.
  previewRestore: ["backups"],
  search: ["customers", "items", "orders", "invoices"],
  syncPlans: ["plans", "connections"],
  listPlanItems: ["plans"],
  homeSummary: ["company", "customers", "items", "orders", "invoices", "payments", "stock", "connections"],
  agingReport: ["invoices", "payments", "customers", "company"],
};

/** Key of a query: its name, then its arguments. */
export function queryKey<N extends QueryName>(name: N, ...args: Args<N>): QueryKey {
  return [name, ...args];
}

/** The cache. Reads are local, so they neither wait for a network nor repeat by themselves. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        staleTime: Number.POSITIVE_INFINITY,
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

type ReadOptions = {
  /** `false` waits. */
  enabled?: boolean;
  /** Shows the last answer while the next one loads, as for results while typing. */
  keepPrevious?: boolean;
  /** Asks anew each time it is shown and keeps nothing, as for what a new form starts with. */
  fresh?: boolean;
};

/** Reads one command: `useRead("getCustomer", [id])`. */
export function useRead<N extends QueryName>(name: N, args: Args<N>, options: ReadOptions = {}) {
  return useQuery<Data<N>, AppError>({
    queryKey: queryKey(name, ...args),
    queryFn: () => call(name, ...args),
    enabled: options.enabled ?? true,
    ...(options.keepPrevious === true ? { placeholderData: keepPreviousData } : {}),
    ...(options.fresh === true ? { gcTime: 0, staleTime: 0 } : {}),
  });
}

/** Reads anew, once, as for the version saved since a form was opened. */
export function useFetch() {
  const client = useQueryClient();
  return useCallback(
    <N extends QueryName>(name: N, ...args: Args<N>): Promise<Data<N>> =>
      client.fetchQuery({ queryKey: queryKey(name, ...args), queryFn: () => call(name, ...args), staleTime: 0 }),
    [client],
  );
}

/** Commands that answer a page with `next_cursor`. */
export type PagedName = { [N in QueryName]: Data<N> extends { next_cursor: string | null } ? N : never }[QueryName];

/** Pages of a command that takes a cursor: `usePages("listRuns", (cursor) => [cursor, 50])`. */
export function usePages<N extends PagedName>(name: N, args: (cursor: string | null) => Args<N>, options: ReadOptions = {}) {
  return useInfiniteQuery<Data<N>, AppError, InfiniteData<Data<N>>, QueryKey, string | null>({
    queryKey: queryKey(name, ...args(null)),
    queryFn: ({ pageParam }) => call(name, ...args(pageParam)),
    initialPageParam: null,
    getNextPageParam: (last) => (last as { next_cursor: string | null }).next_cursor,
    enabled: options.enabled ?? true,
    ...(options.keepPrevious === false ? {} : { placeholderData: keepPreviousData }),
  });
}

/** Commands that take a `ListQuery`. */
export type ListName = {
  [N in PagedName]: Args<N> extends [ListQuery<infer _F, infer _S>] ? N : never;
}[PagedName];
export type ListArgs<N extends ListName> = Omit<Args<N>[0], "cursor" | "limit">;
export type RowOf<N extends ListName> = Data<N> extends { rows: (infer R)[] } ? R : never;

/** Changes something: `useChange("saveCustomer").mutate([draft])`. What became stale comes back as an event. */
export function useChange<N extends ChangingName>(
  name: N,
  options: Omit<UseMutationOptions<Data<N>, AppError, Args<N>>, "mutationFn"> = {},
) {
  return useMutation<Data<N>, AppError, Args<N>>({ ...options, mutationFn: (args) => call(name, ...args) });
}

/** "Sync now". The run shows at once; its end may already have been told, and then the answer is older than what is known. */
export function useSyncNow(options: Pick<UseMutationOptions<RunView, AppError, Args<"syncNow">>, "onError" | "onSuccess"> = {}) {
  const client = useQueryClient();
  return useMutation<RunView, AppError, Args<"syncNow">>({
    ...options,
    mutationFn: async (args) => {
      const run = await call("syncNow", ...args);
      const known = client.getQueryData<SyncStatus>(queryKey("syncStatus"));
      if (known?.last_run?.id !== run.id) storeRun(client, run);
      return run;
    },
  });
}

/** Marks what is made of these tags as stale and loads again what is on show. */
export function invalidateTags(client: QueryClient, tags: ReadonlySet<Tag>): void {
  void client.invalidateQueries({
    predicate: ({ queryKey: [name] }) => (queryTags[name as QueryName] ?? []).some((tag) => tags.has(tag)),
  });
}

const OPEN_STATES: readonly RunView["state"][] = ["queued", "running"];

/** Puts a run's snapshot where the window reads runs. */
export function storeRun(client: QueryClient, run: RunView): void {
  const open = OPEN_STATES.includes(run.state);
  client.setQueryData<SyncStatus>(queryKey("syncStatus"), (status) =>
    status && { ...status, open_run: open ? run : null, last_run: open ? status.last_run : run },
  );
  client.setQueriesData<InfiniteData<{ rows: RunView[] }>>({ queryKey: ["listRuns"] }, (data) =>
    data && {
      ...data,
      pages: data.pages.map((page) => ({ ...page, rows: page.rows.map((row) => (row.id === run.id ? run : row)) })),
    },
  );
  client.setQueriesData<InfiniteData<{ run: RunView }>>({ queryKey: ["getRun", run.id] }, (data) =>
    data?.pages ? { ...data, pages: data.pages.map((page) => ({ ...page, run })) } : data,
  );
}
