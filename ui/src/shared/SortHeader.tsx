/** A column's head; a button where the column can be sorted. */
import { UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { clsx } from "clsx";
import classes from "./DataTable.module.css";
import type { SortState, TableColumn } from "./table.types";

type Props<Row, Sort extends string> = {
  column: TableColumn<Row, Sort>;
  sorting: SortState<Sort> | undefined;
  onSort: ((sort: Sort) => void) | undefined;
};

export function SortHeader<Row, Sort extends string>({ column, sorting, onSort }: Props<Row, Sort>) {
  const { sort } = column;
  const className = clsx(classes.cell, classes.heading, column.align === "end" && classes.end);
  if (sort === undefined || onSort === undefined) {
    return (
      <span role="columnheader" className={className}>
        {column.header}
      </span>
    );
  }
  const active = sorting?.sort === sort;
  const Arrow = active && sorting.descending ? IconChevronDown : IconChevronUp;
  const direction = active ? (sorting.descending ? "descending" : "ascending") : "none";
  return (
    <span role="columnheader" aria-sort={direction} className={className}>
      <UnstyledButton className={clsx(classes.sort, active && classes.sorted)} onClick={() => onSort(sort)}>
        {column.header}
        <Arrow size={12} aria-hidden className={clsx(classes.arrow, !active && classes.idle)} />
      </UnstyledButton>
    </span>
  );
}
