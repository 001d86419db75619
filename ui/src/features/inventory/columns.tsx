/** Columns of the item list. */
import { useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import type { ItemRow, ItemSort } from "../../api";
import { Price, SyncBadge, type TableColumn } from "../../shared";
import classes from "./inventory.module.css";
import { kindWords } from "./kinds";
import { Quantity } from "./Quantity";

export function useItemColumns(): TableColumn<ItemRow, ItemSort>[] {
  const { t } = useLingui();
  return useMemo(() => {
    const stock = (row: ItemRow, value: string, low = false) => (row.kind === "stocked" ? <Quantity value={value} low={low} /> : null);
    return [
      {
        id: "sku",
        header: t`SKU`,
        width: "minmax(96px, 1fr)",
        sort: "sku",
        cell: (row) => <span className={classes.sku}>{row.sku}</span>,
        title: (row) => row.sku,
      },
      { id: "name", narrow: "first", header: t`Name`, width: "minmax(160px, 2fr)", sort: "name", cell: (row) => row.name, title: (row) => row.name },
      { id: "kind", header: t`Kind`, width: "112px", secondary: 4, cell: (row) => <span className={classes.quiet}>{t(kindWords[row.kind])}</span> },
      { id: "price", header: t`Price`, width: "104px", align: "end", secondary: 1, cell: (row) => <Price value={row.unit_price} /> },
      { id: "on_hand", header: t`On hand`, width: "80px", align: "end", secondary: 2, cell: (row) => stock(row, row.on_hand) },
      { id: "allocated", header: t`Allocated`, width: "80px", align: "end", secondary: 3, cell: (row) => stock(row, row.allocated) },
      {
        id: "available", narrow: "last",
        header: t`Available`,
        width: "88px",
        align: "end",
        sort: "available",
        cell: (row) => stock(row, row.available, row.low),
        title: (row) => (row.low && row.kind === "stocked" ? t`At or below the reorder point` : ""),
      },
      { id: "sync", header: t`Sync`, width: "36px", align: "end", cell: (row) => <SyncBadge state={row.sync} /> },
    ];
  }, [t]);
}
