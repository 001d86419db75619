/**
 * The list of every area: keyset pages from the app, only the visible rows in the document. One tab stop; arrows move
 * the cursor, Enter opens, Space selects, Shift extends, Ctrl+A selects all loaded rows, Escape clears.
 *
 * Sorting and filtering happen in the app behind the window, so no table library is needed: one that keeps an object per
 * row made scrolling through 100,000 rows wait for the garbage collector.
 */
import { Box } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { clsx } from "clsx";
import { useId, useMemo, useRef } from "react";
import { BulkBar } from "./BulkBar";
import { fit, useWidth } from "./columnFit";
import { DataRow, SkeletonRow } from "./DataRow";
import classes from "./DataTable.module.css";
import { ErrorState } from "./ErrorState";
import { ListFoot, SelectedSums } from "./ListFoot";
import { SortHeader } from "./SortHeader";
import type { DataTableProps, TableColumn } from "./table.types";
import { ROW_PX, TALL_ROW_PX, useCursor, useSelection, useVisibleRows } from "./tableState";

export type { SortState, TableColumn } from "./table.types";

const SKELETON_ROWS = 14;

export function DataTable<Row, Sort extends string>(props: DataTableProps<Row, Sort>) {
  const { list, empty } = props;
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={list.retry} />;
  if (!list.pending && list.rows.length === 0) return <>{empty}</>;
  return <Grid {...props} />;
}

function Grid<Row, Sort extends string>(props: DataTableProps<Row, Sort>) {
  const { label, list, rowId, openId = null, onOpen, bulkActions } = props;
  const { rows } = list;
  const gridId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const selectable = bulkActions !== undefined;
  const width = useWidth(scroller);
  const { columns, below } = useMemo(() => fit(props.columns, width, selectable), [props.columns, width, selectable]);
  const tall = below.length > 0;
  const rowPx = tall ? TALL_ROW_PX : ROW_PX;
  const selection = useSelection(rows, rowId, list.key);
  const { visible, height, scrollTo } = useVisibleRows(list, scroller, rowPx);
  const { cursor, onKeyDown, onClick } = useCursor({ rows, loadEnd: list.hasMore ? list.loadEnd : undefined, rowId, listKey: list.key, openId, onOpen, selectable, selection, scroller, scrollTo, rowPx });
  const cursorShown = cursor >= 0 && visible.some((item) => item.index === cursor);
  const tracks = `${selectable ? "16px " : ""}${columns.map((column) => column.width).join(" ")}`;

  return (
    <Box className={classes.frame} __vars={{ "--columns": tracks }}>
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-busy={list.pending || list.stale}
        aria-multiselectable={selectable}
        aria-rowcount={list.pending ? -1 : list.totals ? list.totals.count + 1 : list.hasMore ? -1 : rows.length + 1}
        aria-activedescendant={cursorShown ? `${gridId}-${cursor}` : undefined}
        className={clsx(classes.grid, list.stale && classes.stale)}
        onKeyDown={onKeyDown}
      >
        <Head props={props} columns={columns} selection={selection} selectable={selectable} />
        <Box role="rowgroup" className={classes.body} __vars={{ "--height": `${list.pending ? SKELETON_ROWS * rowPx : height}px` }}>
          <Box className={classes.window} role="presentation" __vars={{ "--offset": `${visible[0]?.start ?? 0}px` }}>
            {list.pending && Array.from({ length: SKELETON_ROWS }, (_, index) => <SkeletonRow key={index} columns={columns} selectable={selectable} index={index} tall={tall} />)}
            {visible.map(({ index, key }) => {
              const row = rows[index];
              if (!row) return <SkeletonRow key={key} columns={columns} selectable={selectable} index={index} tall={tall} />;
              const id = rowId(row);
              return (
                <DataRow
                  key={id}
                  elementId={`${gridId}-${index}`}
                  row={row}
                  index={index}
                  columns={columns}
                  below={below}
                  label={props.rowLabel(row)}
                  selectable={selectable}
                  selected={selection.chosen[id] === true}
                  cursor={index === cursor}
                  open={id === openId}
                  dimmed={props.dimmed?.(row) ?? false}
                  onClick={onClick}
                  onToggle={selection.toggle}
                />
              );
            })}
          </Box>
        </Box>
      </div>
      {selection.selected.length > 0 && bulkActions && (
        <BulkBar count={selection.selected.length} sums={<SelectedSums list={list} ids={selection.selected.map(rowId)} words={props.foot} />} onClear={selection.clear}>
          {bulkActions(selection.selected, selection.clear)}
        </BulkBar>
      )}
      {props.foot && list.totals && <ListFoot totals={list.totals} words={props.foot} />}
    </Box>
  );
}

type HeadProps<Row, Sort extends string> = {
  props: DataTableProps<Row, Sort>;
  columns: TableColumn<Row, Sort>[];
  selection: ReturnType<typeof useSelection<Row>>;
  selectable: boolean;
};

function Head<Row, Sort extends string>({ props: { list, sorting, onSort }, columns, selection, selectable }: HeadProps<Row, Sort>) {
  const { t } = useLingui();
  const count = list.rows.filter((row) => row !== undefined).length;
  const all = count > 0 && selection.selected.length === count;
  return (
    <div role="rowgroup" className={classes.head}>
      <div role="row" aria-rowindex={1} className={classes.row}>
        {selectable && (
          <span role="columnheader" className={classes.check}>
            <input
              type="checkbox"
              className={classes.box}
              aria-label={t`Select all loaded rows`}
              checked={all}
              ref={(box) => {
                if (box) box.indeterminate = selection.selected.length > 0 && !all;
              }}
              onChange={() => (all ? selection.clear() : selection.addRange(0, list.rows.length - 1))}
            />
          </span>
        )}
        {columns.map((column) => (
          <SortHeader key={column.id} column={column} sorting={sorting} onSort={onSort} />
        ))}
      </div>
    </div>
  );
}
