/** The table's own state: which rows are selected, where the cursor is, which rows are in sight. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, type RefObject, useCallback, useEffect, useEffectEvent, useMemo, useState } from "react";
import type { ListResult } from "../api";
import { gridAction } from "./gridKeys";

export const ROW_PX = 32;
/** A row of two lines. */
export const TALL_ROW_PX = 54;
/** Rows that are read before they come into sight. */
const LOAD_AHEAD_ROWS = 60;

/** Selected rows by id, with the row a range starts from. */
type Rows<Row> = (Row | undefined)[];

export function useSelection<Row>(rows: Rows<Row>, rowId: (row: Row) => string, listKey: string) {
  const [chosen, setChosen] = useState<Record<string, boolean>>({});
  const [anchor, setAnchor] = useState(-1);
  const [seenKey, setSeenKey] = useState(listKey);
  // Nothing may stay selected that a new search or filter takes out of sight.
  if (seenKey !== listKey) {
    setSeenKey(listKey);
    setChosen({});
    setAnchor(-1);
  }
  const selected = useMemo(() => rows.filter((row): row is Row => row !== undefined && chosen[rowId(row)] === true), [rows, rowId, chosen]);
  const addRange = useCallback(
    (from: number, to: number) => {
      const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1).filter((row): row is Row => row !== undefined);
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
export function useVisibleRows<Row>(list: ListResult<Row>, scroller: RefObject<HTMLDivElement | null>, rowPx: number) {
  const count = list.rows.length;
  const virtualizer = useVirtualizer({
    count: count + (list.hasMore ? 2 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 12,
    // The sticky header covers the first row's height.
    scrollPaddingStart: ROW_PX,
  });
  // Rows grow or shrink with the width of the list.
  useEffect(() => virtualizer.measure(), [virtualizer, rowPx]);
  const visible = virtualizer.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  const firstVisible = visible[0]?.index ?? 0;
  const { hasMore, loadMore, loadAround } = list;
  useEffect(() => {
    if (loadAround) loadAround(firstVisible, lastVisible);
    else if (hasMore && lastVisible >= count - LOAD_AHEAD_ROWS) loadMore();
  });
  // Another search, filter or order is another list, shown from its top.
  useEffect(() => {
    // Newer web views answer a promise here, which must not become the effect's clean-up.
    void scroller.current?.scrollTo({ top: 0 });
  }, [list.key, scroller]);
  return { visible, height: virtualizer.getTotalSize(), scrollTo: (index: number) => virtualizer.scrollToIndex(index) };
}

type CursorOptions<Row> = {
  rows: Rows<Row>;
  /** Reads the last rows when there are more than are there yet. */
  loadEnd: (() => void) | undefined;
  rowId: (row: Row) => string;
  listKey: string;
  /** Where the cursor is until it is moved. */
  openId: string | null;
  onOpen: ((row: Row) => void) | undefined;
  selectable: boolean;
  selection: ReturnType<typeof useSelection<Row>>;
  scroller: RefObject<HTMLDivElement | null>;
  scrollTo: (index: number) => void;
  rowPx: number;
};

/** The cursor, moved by keys and clicks. */
export function useCursor<Row>(options: CursorOptions<Row>) {
  const { rows, loadEnd, rowId, listKey, openId, onOpen, selectable, selection, scroller, scrollTo, rowPx } = options;
  const { anchor, setAnchor, addRange, toggle } = selection;
  const [cursorId, setCursorId] = useState<string | null>(null);
  const [seenKey, setSeenKey] = useState(listKey);
  if (seenKey !== listKey) {
    setSeenKey(listKey);
    setCursorId(null);
  }
  const shown = cursorId ?? openId;
  const cursor = useMemo(() => (shown === null ? -1 : rows.findIndex((row) => row !== undefined && rowId(row) === shown)), [rows, rowId, shown]);

  const moveTo = (to: number, extend: boolean) => {
    if (extend && selectable) addRange(anchor < 0 ? Math.max(cursor, 0) : anchor, to);
    else setAnchor(to);
    const row = rows[to];
    setCursorId(row ? rowId(row) : null);
    scrollTo(to);
  };
  // "End" goes to the last row there is, which may have to be read first.
  const [ending, setEnding] = useState(false);
  const [jump, setJump] = useState(-1);
  if (ending && loadEnd === undefined) {
    const last = rows.at(-1);
    setEnding(false);
    setCursorId(last ? rowId(last) : null);
    setJump(rows.length - 1);
  }
  const onJump = useEffectEvent(() => scrollTo(jump));
  useEffect(() => {
    if (jump >= 0) onJump();
  }, [jump]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 320) / rowPx) - 2);
    const mod = event.ctrlKey || event.metaKey;
    const action = gridAction({ key: event.key, shift: event.shiftKey, mod }, { cursor, count: rows.length, pageRows });
    if (action === null || (action.type === "clear" && selection.selected.length === 0)) return;
    event.preventDefault();
    const row = rows[cursor];
    setJump(-1);
    if (event.key === "End" && loadEnd) {
      loadEnd();
      setEnding(true);
      return;
    }
    setEnding(false);
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
