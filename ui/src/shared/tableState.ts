/** The table's own state: which rows are selected, where the cursor is, which rows are in sight. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, type RefObject, useCallback, useEffect, useMemo, useState } from "react";
import type { ListResult } from "../api";
import { gridAction } from "./gridKeys";

export const ROW_PX = 32;
const LOAD_AHEAD_ROWS = 60;

/** Selected rows by id, with the row a range starts from. */
export function useSelection<Row>(rows: Row[], rowId: (row: Row) => string, listKey: string) {
  const [chosen, setChosen] = useState<Record<string, boolean>>({});
  const [anchor, setAnchor] = useState(-1);
  const [seenKey, setSeenKey] = useState(listKey);
  // Nothing may stay selected that a new search or filter takes out of sight.
  if (seenKey !== listKey) {
    setSeenKey(listKey);
    setChosen({});
    setAnchor(-1);
  }
  const selected = useMemo(() => rows.filter((row) => chosen[rowId(row)] === true), [rows, rowId, chosen]);
  const addRange = useCallback(
    (from: number, to: number) => {
      const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1);
      setChosen((old) => ({ ...old, ...Object.fromEntries(range.map((row) => [rowId(row), true])) }));
    },
    [rows, rowId],
  );
  const toggle = useCallback(
    (index: number) => {
      const row = rows[index];
      if (!row) return;
      const id = rowId(row);
      setChosen(({ [id]: was, ...others }) => (was === true ? others : { ...others, [id]: true }));
      setAnchor(index);
    },
    [rows, rowId],
  );
  const clear = useCallback(() => setChosen({}), []);
  return { chosen, selected, anchor, setAnchor, addRange, toggle, clear };
}

/** The rows in sight, and asking for more before the end is reached. */
export function useVisibleRows<Row>(list: ListResult<Row>, scroller: RefObject<HTMLDivElement | null>) {
  const count = list.rows.length;
  const virtualizer = useVirtualizer({
    count: count + (list.hasMore ? 2 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    // The sticky header covers the first row's height.
    scrollPaddingStart: ROW_PX,
  });
  const visible = virtualizer.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  const { hasMore, loadMore } = list;
  useEffect(() => {
    if (hasMore && lastVisible >= count - LOAD_AHEAD_ROWS) loadMore();
  });
  // Another search, filter or order is another list, shown from its top.
  useEffect(() => {
    // Newer web views answer a promise here, which must not become the effect's clean-up.
    void scroller.current?.scrollTo({ top: 0 });
  }, [list.key, scroller]);
  return { visible, height: virtualizer.getTotalSize(), scrollTo: (index: number) => virtualizer.scrollToIndex(index) };
}

type CursorOptions<Row> = {
  rows: Row[];
  rowId: (row: Row) => string;
  listKey: string;
  /** Where the cursor is until it is moved. */
  openId: string | null;
  onOpen: ((row: Row) => void) | undefined;
  selectable: boolean;
  selection: ReturnType<typeof useSelection<Row>>;
  scroller: RefObject<HTMLDivElement | null>;
  scrollTo: (index: number) => void;
};

/** The cursor, moved by keys and clicks. */
export function useCursor<Row>(options: CursorOptions<Row>) {
  const { rows, rowId, listKey, openId, onOpen, selectable, selection, scroller, scrollTo } = options;
  const { anchor, setAnchor, addRange, toggle } = selection;
  const [cursorId, setCursorId] = useState<string | null>(null);
  const [seenKey, setSeenKey] = useState(listKey);
  if (seenKey !== listKey) {
    setSeenKey(listKey);
    setCursorId(null);
  }
  const shown = cursorId ?? openId;
  const cursor = useMemo(() => (shown === null ? -1 : rows.findIndex((row) => rowId(row) === shown)), [rows, rowId, shown]);

  const moveTo = (to: number, extend: boolean) => {
    if (extend && selectable) addRange(anchor < 0 ? Math.max(cursor, 0) : anchor, to);
    else setAnchor(to);
    const row = rows[to];
    setCursorId(row ? rowId(row) : null);
    scrollTo(to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 320) / ROW_PX) - 2);
    const mod = event.ctrlKey || event.metaKey;
    const action = gridAction({ key: event.key, shift: event.shiftKey, mod }, { cursor, count: rows.length, pageRows });
    if (action === null || (action.type === "clear" && selection.selected.length === 0)) return;
    event.preventDefault();
    const row = rows[cursor];
    if (action.type === "move") moveTo(action.to, action.extend);
    else if (action.type === "open" && row) onOpen?.(row);
    else if (action.type === "clear") selection.clear();
    else if (selectable && action.type === "toggle") toggle(cursor);
    else if (selectable && action.type === "all") addRange(0, rows.length - 1);
  };
  const onClick = useCallback(
    (index: number, event: MouseEvent) => {
      const row = rows[index];
      if (!row) return;
      setCursorId(rowId(row));
      if (selectable && (event.ctrlKey || event.metaKey)) toggle(index);
      else if (selectable && event.shiftKey) addRange(anchor < 0 ? index : anchor, index);
      else {
        setAnchor(index);
        onOpen?.(row);
      }
    },
    [rows, rowId, selectable, toggle, addRange, anchor, setAnchor, onOpen],
  );
  return { cursor, onKeyDown, onClick };
}
