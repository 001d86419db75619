/**
 * The list of every area: keyset pages from the app, only the visible rows in the document. One tab stop; arrows move
 * the cursor, Enter opens, Space selects, Shift extends, Ctrl+A selects all loaded rows, Escape clears.
 *
 * Sorting and filtering happen in the app behind the window, so no table library is needed: one that keeps an object per
 * row made scrolling through 100,000 rows wait for the garbage collector.
 */
import { Box } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { useLingui } from "@lingui/react/macro";
import { BulkBar } from "./BulkBar";
import { DataRow, SkeletonRow } from "./DataRow";
import classes from "./DataTable.module.css";
import { ErrorState } from "./ErrorState";
import { gridAction } from "./gridKeys";
import { SortHeader } from "./SortHeader";
import type { DataTableProps } from "./table.types";

export type { SortState, TableColumn } from "./table.types";

const ROW_PX = 32;
const SKELETON_ROWS = 14;
const LOAD_AHEAD_ROWS = 60;

export function DataTable<Row, Sort extends string>(props: DataTableProps<Row, Sort>) {
  const { label, list, rowId, rowLabel, sorting, onSort, openId = null, onOpen, bulkActions, empty } = props;
  const { t } = useLingui();
  const narrow = openId !== null;
  const columns = useMemo(() => props.columns.filter((column) => !narrow || column.secondary !== true), [props.columns, narrow]);
  const scroller = useRef<HTMLDivElement>(null);
  const gridId = useId();
  const [selection, setSelection] = useState<Record<string, boolean>>({});
  const [cursorId, setCursorId] = useState<string | null>(null);
  const anchor = useRef(-1);
  const selectable = bulkActions !== undefined;

  const { rows } = list;
  const shownCursor = cursorId ?? openId;
  const cursor = useMemo(() => (shownCursor === null ? -1 : rows.findIndex((row) => rowId(row) === shownCursor)), [rows, rowId, shownCursor]);
  const selected = useMemo(() => rows.filter((row) => selection[rowId(row)] === true), [rows, rowId, selection]);

  const virtualizer = useVirtualizer({
    count: rows.length + (list.hasMore ? 2 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    // The sticky header covers the first row's height.
    scrollPaddingStart: ROW_PX,
  });
  // Another search, filter or order is another list: shown from its top, nothing selected that may be out of sight.
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
    setSelection({});
    setCursorId(null);
    anchor.current = -1;
  }, [list.key]);
  const visible = virtualizer.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  const { hasMore, loadMore } = list;
  useEffect(() => {
    if (hasMore && lastVisible >= rows.length - LOAD_AHEAD_ROWS) loadMore();
  });

  const selectRange = useCallback(
    (from: number, to: number) => {
      const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1);
      setSelection((old) => ({ ...old, ...Object.fromEntries(range.map((row) => [rowId(row), true])) }));
    },
    [rows, rowId],
  );
  const toggle = useCallback(
    (index: number) => {
      const row = rows[index];
      if (!row) return;
      const id = rowId(row);
      setSelection(({ [id]: was, ...others }) => (was === true ? others : { ...others, [id]: true }));
      anchor.current = index;
    },
    [rows, rowId],
  );
  const moveTo = (to: number, extend: boolean) => {
    if (extend && selectable) selectRange(anchor.current < 0 ? Math.max(cursor, 0) : anchor.current, to);
    else anchor.current = to;
    const row = rows[to];
    setCursorId(row ? rowId(row) : null);
    virtualizer.scrollToIndex(to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 320) / ROW_PX) - 2);
    const action = gridAction(
      { key: event.key, shift: event.shiftKey, mod: event.ctrlKey || event.metaKey },
      { cursor, anchor: anchor.current, count: rows.length, pageRows },
    );
    if (action === null) return;
    if (action.type === "clear" && selected.length === 0) return;
    event.preventDefault();
    if (action.type === "move") moveTo(action.to, action.extend);
    else if (action.type === "toggle" && selectable) toggle(cursor);
    else if (action.type === "all" && selectable) selectRange(0, rows.length - 1);
    else if (action.type === "clear") setSelection({});
    else if (action.type === "open") {
      const row = rows[cursor];
      if (row) onOpen?.(row);
    }
  };

  const clickRow = useCallback(
    (index: number, event: MouseEvent) => {
      const row = rows[index];
      if (!row) return;
      setCursorId(rowId(row));
      if (selectable && (event.ctrlKey || event.metaKey)) return toggle(index);
      if (selectable && event.shiftKey) return selectRange(anchor.current < 0 ? index : anchor.current, index);
      anchor.current = index;
      onOpen?.(row);
    },
    [rows, rowId, selectable, toggle, selectRange, onOpen],
  );

  const tracks = `${selectable ? "16px " : ""}${columns.map((column) => column.width).join(" ")}`;
  if (list.error && rows.length === 0) return <ErrorState error={list.error} onRetry={list.retry} />;
  if (!list.pending && rows.length === 0) return <>{empty}</>;
  const allSelected = rows.length > 0 && selected.length === rows.length;

  return (
    <Box className={classes.frame} __vars={{ "--columns": tracks }}>
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-busy={list.pending || list.stale}
        aria-multiselectable={selectable}
        aria-rowcount={list.hasMore || list.pending ? -1 : rows.length + 1}
        aria-activedescendant={cursor >= 0 && visible.some((item) => item.index === cursor) ? `${gridId}-${cursor}` : undefined}
        className={clsx(classes.grid, list.stale && classes.stale)}
        onKeyDown={onKeyDown}
      >
        <div role="rowgroup" className={classes.head}>
          <div role="row" aria-rowindex={1} className={classes.row}>
            {selectable && (
              <span role="columnheader" className={classes.check}>
                <input
                  type="checkbox"
                  className={classes.box}
                  aria-label={t`Select all loaded rows`}
                  checked={allSelected}
                  ref={(box) => {
                    if (box) box.indeterminate = selected.length > 0 && !allSelected;
                  }}
                  onChange={() => setSelection(allSelected ? {} : Object.fromEntries(rows.map((row) => [rowId(row), true])))}
                />
              </span>
            )}
            {columns.map((column) => (
              <SortHeader key={column.id} column={column} sorting={sorting} onSort={onSort} />
            ))}
          </div>
        </div>
        <Box role="rowgroup" className={classes.body} __vars={{ "--height": `${list.pending ? SKELETON_ROWS * ROW_PX : virtualizer.getTotalSize()}px` }}>
          <Box className={classes.window} role="presentation" __vars={{ "--offset": `${visible[0]?.start ?? 0}px` }}>
            {list.pending && Array.from({ length: SKELETON_ROWS }, (_, index) => <SkeletonRow key={index} columns={columns} selectable={selectable} index={index} />)}
            {visible.map((item) => {
              const row = rows[item.index];
              if (!row) return <SkeletonRow key={item.key} columns={columns} selectable={selectable} index={item.index} />;
              const id = rowId(row);
              return (
                <DataRow
                  key={id}
                  elementId={`${gridId}-${item.index}`}
                  row={row}
                  index={item.index}
                  columns={columns}
                  label={rowLabel(row)}
                  selectable={selectable}
                  selected={selection[id] === true}
                  cursor={item.index === cursor}
                  open={id === openId}
                  dimmed={props.dimmed?.(row) ?? false}
                  onClick={clickRow}
                  onToggle={toggle}
                />
              );
            })}
          </Box>
        </Box>
      </div>
      {selected.length > 0 && bulkActions && (
        <BulkBar count={selected.length} onClear={() => setSelection({})}>
          {bulkActions(selected, () => setSelection({}))}
        </BulkBar>
      )}
    </Box>
  );
}
