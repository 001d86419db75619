/** A row of a table, and the grey one that stands in while it loads. Memoised: scrolling draws only new rows. */
import { Skeleton } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { clsx } from "clsx";
import { memo, type MouseEvent } from "react";
import classes from "./DataTable.module.css";
import type { TableColumn } from "./table.types";

type Props<Row, Sort extends string> = {
  elementId: string;
  row: Row;
  index: number;
  columns: TableColumn<Row, Sort>[];
  /** What stands in the second line; empty where rows have one. */
  below: TableColumn<Row, Sort>[];
  label: string;
  selectable: boolean;
  selected: boolean;
  cursor: boolean;
  open: boolean;
  dimmed: boolean;
  onClick: (index: number, event: MouseEvent) => void;
  onToggle: (index: number) => void;
};

function Row<Row, Sort extends string>(props: Props<Row, Sort>) {
  const { elementId, row, index, columns, below, label, selectable, selected, cursor, open, dimmed, onClick, onToggle } = props;
  const { t } = useLingui();
  return (
    // Keys are handled by the grid, which holds the focus.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={elementId}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selectable ? selected : undefined}
      aria-current={open ? "true" : undefined}
      className={clsx(classes.row, classes.data, below.length > 0 && classes.tall, selected && classes.selected, cursor && classes.cursor, open && classes.open, dimmed && classes.dimmed)}
      onClick={(event) => onClick(index, event)}
    >
      {selectable && (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
        <span role="gridcell" className={classes.check} onClick={(event) => event.stopPropagation()}>
          <input type="checkbox" className={classes.box} tabIndex={-1} aria-label={t`Select ${label}`} checked={selected} onChange={() => onToggle(index)} />
        </span>
      )}
      {columns.map((column) => {
        const title = column.title?.(row);
        return (
          <span
            key={column.id}
            role="gridcell"
            // What begins with a Hebrew or Arabic letter is read from the right; the column keeps its edge.
            dir={column.align === "end" ? undefined : "auto"}
            title={title === "" ? undefined : title}
            className={clsx(classes.cell, column.align === "end" && classes.end)}
          >
            {column.cell(row)}
          </span>
        );
      })}
      {below.length > 0 && (
        <span className={classes.below} role="presentation">
          {below.map((column) => (
            <span key={column.id} role="gridcell" dir="auto" className={classes.part} data-figure={column.align === "end" || undefined}>
              {column.align === "end" && column.header !== "" && <span className={classes.partName}>{column.header} </span>}
              {column.cell(row)}
            </span>
          ))}
        </span>
      )}
    </div>
  );
}

export const DataRow = memo(Row) as typeof Row;

// Uneven widths look like text; they follow the row so that nothing flickers.
const WIDTHS = ["70%", "45%", "60%", "85%", "52%"];

type SkeletonProps<R, Sort extends string> = { columns: TableColumn<R, Sort>[]; selectable: boolean; index: number; tall?: boolean };

export function SkeletonRow<R, Sort extends string>({ columns, selectable, index, tall = false }: SkeletonProps<R, Sort>) {
  return (
    <div className={clsx(classes.row, tall && classes.tall)} aria-hidden="true">
      {selectable && <span className={classes.check} />}
      {columns.map((column, place) => (
        <span key={column.id} className={clsx(classes.cell, column.align === "end" && classes.end)}>
          <Skeleton height={8} width={WIDTHS[(index + place) % WIDTHS.length]} radius="sm" display="inline-block" />
        </span>
      ))}
    </div>
  );
}
