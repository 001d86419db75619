/** What a table is told. */
import type { ReactNode } from "react";
import type { ListResult } from "../api";

export type TableColumn<Row, Sort extends string = string> = {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** CSS grid track, such as `120px` or `minmax(160px, 2fr)`. */
  width: string;
  align?: "start" | "end";
  /** Makes the header sort by this. */
  sort?: Sort;
  /** May be left out where the list is too narrow for all; the highest number goes first. */
  secondary?: number;
  /** In the narrowest lists, where rows have two lines: begins or ends the first line. All others go below. */
  narrow?: "first" | "last";
  /** Full text for the tooltip of a cell that may be cut off. */
  title?: (row: Row) => string;
};

export type SortState<Sort extends string> = { sort: Sort; descending: boolean };

/** `rows(3)` is "3 customers"; `sums` names the columns of money that are added up. */
export type FootWords = { rows: (count: number) => string; sums?: Record<string, string> };

export type DataTableProps<Row, Sort extends string> = {
  /** Name of the table for screen readers. */
  label: string;
  columns: TableColumn<Row, Sort>[];
  list: ListResult<Row>;
  rowId: (row: Row) => string;
  /** Name of a row for screen readers. */
  rowLabel: (row: Row) => string;
  sorting?: SortState<Sort>;
  onSort?: (sort: Sort) => void;
  /** The row shown in the side panel. */
  openId?: string | null;
  onOpen?: (row: Row) => void;
  /** Turns selection on: what can be done with the selected rows. */
  bulkActions?: (rows: Row[], clear: () => void) => ReactNode;
  /** Shown instead of rows when there are none. */
  empty: ReactNode;
  /** Words for the count and the sums of all rows, which stand below the list. */
  foot?: FootWords;
  /** Dims a row, as for archived or void records. */
  dimmed?: (row: Row) => boolean;
};
