/** The areas of the app, in the order of the navigation. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import {
  IconBox,
  IconChartBar,
  IconCreditCard,
  IconFileInvoice,
  IconHome,
  IconPackage,
  IconRefresh,
  IconSettings,
  IconUsers,
} from "@tabler/icons-react";

export type Area = { name: string; path: string; label: MessageDescriptor; icon: typeof IconHome };

export const areas: Area[] = [
  { name: "home", path: "/home", label: msg`Home`, icon: IconHome },
  { name: "orders", path: "/orders", label: msg`Orders`, icon: IconPackage },
  { name: "invoices", path: "/invoices", label: msg`Invoices`, icon: IconFileInvoice },
  { name: "customers", path: "/customers", label: msg`Customers`, icon: IconUsers },
  { name: "inventory", path: "/inventory", label: msg`Inventory`, icon: IconBox },
  { name: "payments", path: "/payments", label: msg`Payments`, icon: IconCreditCard },
  { name: "sync", path: "/sync", label: msg`Sync`, icon: IconRefresh },
  { name: "reports", path: "/reports", label: msg`Reports`, icon: IconChartBar },
  { name: "settings", path: "/settings", label: msg`Settings`, icon: IconSettings },
];
