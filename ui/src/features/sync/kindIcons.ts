/** A sign for every kind of record; those with a page of their own carry the sign of that page. */
import {
  IconArrowsExchange,
  IconBox,
  IconBuildingBank,
  IconCash,
  IconCreditCard,
  IconFileInvoice,
  IconGavel,
  IconPackage,
  IconPlug,
  IconReceiptRefund,
  IconTruck,
  IconUsers,
} from "@tabler/icons-react";

export const kindIcons: Record<string, typeof IconBox> = {
  customer: IconUsers,
  item: IconBox,
  order: IconPackage,
  invoice: IconFileInvoice,
  payment: IconCash,
  shipment: IconTruck,
  charge: IconCreditCard,
  refund: IconReceiptRefund,
  dispute: IconGavel,
  balance_entry: IconArrowsExchange,
  payout: IconBuildingBank,
  connection: IconPlug,
};
