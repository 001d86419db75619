/**
 * What a list shows is kept in the address: search words, filter, order and the open record. Going away and coming back
 * finds the list as it was left.
 */
import { useDebouncedValue } from "@mantine/hooks";
import { useCallback, useEffect, useRef, useState } from "react";
import { useSearchParams } from "./navigation";

type Options<Filter extends string, Sort extends string> = {
  filters: readonly Filter[];
  sorts: readonly Sort[];
  /** Orders that start with the largest or newest. */
  descendingFirst?: readonly Sort[];
};

const SEARCH_DELAY_MS = 120;

/** The first filter and the first order are where a list starts. */
export function useListState<Filter extends string, Sort extends string>(options: Options<Filter, Sort>) {
  const { filters, sorts, descendingFirst = [] } = options;
  const [params, setParams] = useSearchParams();
  const [search, setSearch] = useState(params.q ?? "");
  const [settled] = useDebouncedValue(search, SEARCH_DELAY_MS);
  const written = useRef(params.q ?? "");
  useEffect(() => {
    if (settled === written.current) return;
    written.current = settled;
    setParams({ q: settled === "" ? undefined : settled });
  }, [settled, setParams]);
  // The address may also change from outside, as by a link to the list.
  const outside = params.q ?? "";
  useEffect(() => {
    if (outside === written.current) return;
    written.current = outside;
    setSearch(outside);
  }, [outside]);

  const filter = filters.find((known) => known === params.filter) ?? (filters[0] as Filter);
  const sort = sorts.find((known) => known === params.sort) ?? (sorts[0] as Sort);
  const descending = params.desc === undefined ? descendingFirst.includes(sort) : params.desc === "1";
  const setFilter = useCallback(
    (next: Filter) => setParams({ filter: next === filters[0] ? undefined : next }),
    [filters, setParams],
  );
  const onSort = useCallback(
    (next: Sort) => {
      const wanted = next === sort ? !descending : descendingFirst.includes(next);
      setParams({ sort: next, desc: wanted ? "1" : "0" });
    },
    [sort, descending, descendingFirst, setParams],
  );
  const setOpenId = useCallback((id: string | null) => setParams({ open: id ?? undefined }), [setParams]);

  return {
    /** As typed, for the search box. */
    search,
    setSearch,
    filter,
    setFilter,
    sorting: { sort, descending },
    onSort,
    openId: params.open ?? null,
    setOpenId,
    /** Nothing narrows the list: an empty one has no rows at all. */
    unfiltered: settled.trim() === "" && filter === filters[0],
    /** For `useList`; add the list's own form of the filter. */
    query: { search: settled.trim(), sort, descending },
  };
}
