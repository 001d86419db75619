/** Moving between pages without knowing them: paths, search parameters, links to records. */
import { Anchor } from "@mantine/core";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { type MouseEvent, type ReactNode, useCallback, useMemo } from "react";
import classes from "./navigation.module.css";

export type SearchParams = Record<string, string>;
/** `undefined` removes a parameter. */
export type SearchPatch = Record<string, string | undefined>;

/** Goes to a page: `go("/invoices/new", { customer: id })`. */
export function useGo(): (path: string, search?: SearchPatch, options?: { replace?: boolean }) => void {
  const navigate = useNavigate();
  return useCallback(
    (path, search = {}, options = {}) => {
      void navigate({ to: path, search: without(search) as never, replace: options.replace ?? false });
    },
    [navigate],
  );
}

function without(search: SearchPatch): SearchParams {
  return Object.fromEntries(Object.entries(search).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The page's search parameters, and a setter that changes some of them. Replaces the entry unless told to `push`. */
export function useSearchParams(): [SearchParams, (patch: SearchPatch, options?: { push?: boolean }) => void] {
  const navigate = useNavigate();
  const search = useRouterState({ select: (state) => state.location.search as SearchParams, structuralSharing: true });
  const set = useCallback(
    (patch: SearchPatch, options: { push?: boolean } = {}) => {
      void navigate({
        to: ".",
        search: ((old: SearchParams) => without({ ...old, ...patch })) as never,
        replace: options.push !== true,
      });
    },
    [navigate],
  );
  return [search, set];
}

/** What follows the area in the path: on `/settings/connections` it is `connections`, on `/settings` it is empty. */
export function useSubPath(): string {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return useMemo(() => path.split("/").filter(Boolean).slice(1).join("/"), [path]);
}

/** Where a record of a kind is shown; null for kinds without a page. Lists open it in their side panel by `open`. */
export function recordPath(kind: string, id: string | null): { path: string; search: SearchParams } | null {
  const areas: Record<string, string> = {
    customer: "/customers",
    item: "/inventory",
    order: "/orders",
    shipment: "/orders",
    invoice: "/invoices",
    credit_note: "/invoices",
    payment: "/payments",
    connection: "/settings/connections",
    run: "/sync",
  };
  const path = areas[kind];
  if (path === undefined || id === null) return null;
  return { path, search: { open: id } };
}

/** A link to a record; plain text when it has no page. */
export function RecordLink({ kind, id, children }: { kind: string; id: string | null; children: ReactNode }) {
  const go = useGo();
  const target = recordPath(kind, id);
  if (target === null) return <span>{children}</span>;
  const follow = (event: MouseEvent) => {
    event.preventDefault();
    event.stopPropagation();
    go(target.path, target.search);
  };
  return (
    <Anchor href={`#${target.path}?${new URLSearchParams(target.search).toString()}`} className={classes.link ?? ""} onClick={follow} inherit>
      {children}
    </Anchor>
  );
}
