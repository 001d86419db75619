/** Invoices: the list with its panel, and the form on a page of its own (`/invoices/new`, `/invoices/edit?id=`). */
import { useSearchParams, useSubPath } from "../../shared";
import { EditInvoice, NewInvoice } from "./InvoiceForm";
import { InvoicesPage } from "./InvoicesPage";

export default function Invoices() {
  const path = useSubPath();
  const [params] = useSearchParams();
  if (path === "new") return <NewInvoice />;
  if (path === "edit" && params.id !== undefined) return <EditInvoice key={params.id} id={params.id} />;
  return <InvoicesPage />;
}
