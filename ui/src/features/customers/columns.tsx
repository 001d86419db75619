/** Columns of the customer list. */
import { useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import type { CustomerRow, CustomerSort } from "../../api";
import { Amount, formatDay, SyncBadge, type TableColumn } from "../../shared";

// Most firms are their own display name; saying it twice helps nobody.
const companyOf = (row: CustomerRow) => (row.company === row.display_name ? "" : row.company);

export function useCustomerColumns(): TableColumn<CustomerRow, CustomerSort>[] {
  const { t } = useLingui();
  return useMemo(
    () => [
      {
        id: "name", narrow: "first",
        header: t`Name`,
        width: "minmax(160px, 2fr)",
        sort: "name",
        cell: (row) => row.display_name,
        title: (row) => row.display_name,
      },
      { id: "company", header: t`Company`, width: "minmax(112px, 1.3fr)", secondary: 3, cell: companyOf, title: companyOf },
      { id: "email", header: t`E-mail`, width: "minmax(168px, 1.6fr)", secondary: 2, cell: (row) => row.email, title: (row) => row.email },
      { id: "phone", header: t`Telephone`, width: "132px", secondary: 1, cell: (row) => row.phone, title: (row) => row.phone },
      {
        id: "open_balance", narrow: "last",
        header: t`Open balance`,
        width: "128px",
        align: "end",
        sort: "open_balance",
        cell: (row) => <Amount value={row.open_balance} quietZero />,
      },
      {
        id: "updated_at",
        header: t`Changed`,
        width: "104px",
        align: "end",
        sort: "updated_at",
        secondary: 4,
        cell: (row) => formatDay(row.updated_at.slice(0, 10)),
      },
      { id: "sync", header: t`Sync`, width: "36px", align: "end", cell: (row) => <SyncBadge state={row.sync} /> },
    ],
    [t],
  );
}
