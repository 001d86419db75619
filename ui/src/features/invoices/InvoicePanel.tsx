/** One invoice beside the list: what it says, what is paid, how it stands with QuickBooks, what happened. */
import { ActionIcon, Button, Menu, Skeleton, Stack } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { IconDots } from "@tabler/icons-react";
import { type InvoiceView, useRead } from "../../api";
import {
  addressLines,
  Amount,
  Entries,
  ErrorState,
  Facts,
  formatDay,
  PanelSection,
  RecordHistory,
  RecordLink,
  SidePanel,
  StatusBadge,
  SyncList,
  useGo,
} from "../../shared";
import { InvoiceDocument } from "./InvoiceDocument";
import { useVoidInvoices } from "./useVoidInvoices";

export function InvoicePanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useLingui();
  const invoice = useRead("getInvoice", [id]);
  const view = invoice.data;
  if (!view) {
    return (
      <SidePanel title={t`Invoice`} onClose={onClose}>
        {invoice.error ? (
          <ErrorState error={invoice.error} onRetry={() => void invoice.refetch()} />
        ) : (
          <Stack gap="md" aria-busy>
            {["60%", "80%", "45%", "70%"].map((width) => (
              <Skeleton key={width} height={10} width={width} />
            ))}
          </Stack>
        )}
      </SidePanel>
    );
  }
  return (
    <SidePanel
      title={view.draft.number === "" ? t`Draft` : t`Invoice ${view.draft.number}`}
      subtitle={<StatusBadge kind="invoice" status={view.status} />}
      onClose={onClose}
      actions={<MoreActions view={view} onClose={onClose} />}
      footer={<PanelButtons view={view} />}
    >
      <InvoiceDetails view={view} />
    </SidePanel>
  );
}

function PanelButtons({ view }: { view: InvoiceView }) {
  const { t } = useLingui();
  const go = useGo();
  const owed = view.status === "open" || view.status === "partly_paid" || view.status === "overdue";
  return (
    <>
      <Button variant="default" disabled={!view.editable} onClick={() => go("/invoices/edit", { id: view.draft.id })}>{t`Edit`}</Button>
      {owed && (
        <Button variant="default" onClick={() => go("/payments", { new: "1", customer: view.draft.customer_id ?? undefined, invoice: view.draft.id })}>
          {t`Record a payment`}
        </Button>
      )}
    </>
  );
}

function MoreActions({ view, onClose }: { view: InvoiceView; onClose: () => void }) {
  const { t } = useLingui();
  const go = useGo();
  const voidInvoices = useVoidInvoices();
  const voidThis = async () => {
    const wasDraft = view.status === "draft";
    if ((await voidInvoices([{ id: view.draft.id, status: view.status }])) && wasDraft) onClose();
  };
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t`More actions`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => go("/invoices/new", { copy: view.draft.id })}>{t`Bill the same again`}</Menu.Item>
        <Menu.Item color="red" disabled={view.status === "void"} onClick={() => void voidThis()}>
          {view.status === "draft" ? t`Remove the draft` : t`Void`}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function InvoiceDetails({ view }: { view: InvoiceView }) {
  const { t } = useLingui();
  const { draft } = view;
  return (
    <>
      <PanelSection title={t`Invoice`}>
        <Facts
          facts={[
            [t`Customer`, <RecordLink key="customer" kind="customer" id={draft.customer_id}>{view.customer_name}</RecordLink>],
            [t`Date`, formatDay(draft.issued_on)],
            [t`Due`, formatDay(view.totals.due_on)],
            [t`Order`, draft.order_id === null ? "" : <RecordLink key="order" kind="order" id={draft.order_id}>{t`Show the order`}</RecordLink>],
            [t`E-mail`, draft.email],
            [t`Bill to`, addressLines(draft.billing).join("\n")],
            [t`Ship to`, addressLines(draft.shipping_address).join("\n")],
            [t`Message`, draft.message],
            [t`Note`, draft.note],
          ]}
        />
      </PanelSection>
      <PanelSection title={t`Lines`}>
        <InvoiceDocument view={view} />
      </PanelSection>
      {view.payments.length > 0 && (
        <PanelSection title={t`Payments`}>
          <Entries
            entries={view.payments.map((payment) => ({
              id: payment.payment_id,
              label: (
                <RecordLink kind="payment" id={payment.payment_id}>
                  {[payment.method, payment.reference].filter(Boolean).join(" ") || t`Payment`}
                </RecordLink>
              ),
              note: formatDay(payment.received_on),
              value: <Amount value={payment.amount} />,
            }))}
          />
        </PanelSection>
      )}
      <PanelSection title={t`Sync`}>
        <SyncList sync={view.sync} />
      </PanelSection>
      <PanelSection title={t`History`}>
        <RecordHistory kind="invoice" id={view.draft.id} version={view.draft.version} history={view.history} />
      </PanelSection>
    </>
  );
}
