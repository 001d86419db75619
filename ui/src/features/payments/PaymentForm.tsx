/** Records a payment received and what it pays. Core checks the sums; a remainder stays as the customer's credit. */
import { Group, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useCallback, useEffect, useRef, useState } from "react";
import { type InvoiceRow, type PaymentDraft, useChange, useRead } from "../../api";
import {
  Amount,
  AmountField,
  CustomerPicker,
  DateField,
  decimalText,
  DraftDrawer,
  DraftDrawerLoading,
  type DraftForm,
  ErrorNote,
  fieldProps,
  FormArea,
  FormField,
  formatDay,
  newId,
  notifyDone,
  useDraftForm,
} from "../../shared";
import { newApplied, paidParts } from "./applied";
import classes from "./payments.module.css";

type Props = { customerId: string | null; invoiceId: string | null; onClose: () => void; onSaved: (id: string) => void };

export function PaymentForm(props: Props) {
  const { t } = useLingui();
  const status = useRead("appStatus", []);
  if (!status.data) {
    return <DraftDrawerLoading title={t`Record a payment`} error={status.error} onRetry={() => void status.refetch()} onClose={props.onClose} />;
  }
  return <PaymentDrawer today={status.data.today} {...props} />;
}

function PaymentDrawer({ today, customerId, invoiceId, onClose, onSaved }: Props & { today: string }) {
  const { t } = useLingui();
  const record = useChange("recordPayment");
  const [initial] = useState<PaymentDraft>(() => ({
    id: newId(),
    customer_id: customerId ?? "",
    received_on: today,
    amount: "",
    method: "",
    reference: "",
    note: "",
    applied: [],
  }));
  const draft = useDraftForm(initial, async (typed) => {
    const saved = await record.mutateAsync([{ ...typed, applied: paidParts(typed.applied) }]);
    notifyDone(t`Payment recorded`);
    onSaved(saved.row.id);
  });
  // A payment is only ever new, so there is no saved version to merge with.
  const load = useCallback(async () => initial, [initial]);
  return (
    <DraftDrawer title={t`Record a payment`} draft={draft} initial={initial} load={load} saveLabel={t`Record`} onClose={onClose}>
      <PaymentFields draft={draft} invoiceId={invoiceId} />
    </DraftDrawer>
  );
}

function PaymentFields({ draft, invoiceId }: { draft: DraftForm<PaymentDraft>; invoiceId: string | null }) {
  const { t } = useLingui();
  const { form } = draft;
  const chosen = form.values.customer_id;
  const customer = useRead("getCustomer", [chosen], { enabled: chosen !== "" });
  return (
    <>
      <CustomerPicker
        label={t`Customer`}
        required
        data-autofocus
        value={chosen === "" ? null : chosen}
        valueLabel={chosen === "" ? "" : (customer.data?.draft.display_name ?? "")}
        error={form.errors.customer_id}
        data-path="customer_id"
        onChange={(option) => form.setValues({ customer_id: option?.id ?? "", applied: [] })}
      />
      <Group grow gap="sm" align="flex-start">
        <AmountField label={t`Amount`} required {...fieldProps(form, "amount")} />
        <DateField label={t`Received`} required {...fieldProps(form, "received_on")} />
      </Group>
      <Group grow gap="sm" align="flex-start">
        <FormField label={t`Method`} placeholder={t`Check, cash, transfer`} {...fieldProps(form, "method")} />
        <FormField label={t`Reference`} placeholder={t`Check number`} {...fieldProps(form, "reference")} />
      </Group>
      {chosen !== "" && <OpenInvoices key={chosen} draft={draft} customerId={chosen} invoiceId={invoiceId} />}
      <FormArea label={t`Note`} {...fieldProps(form, "note")} />
    </>
  );
}

type OpenProps = { draft: DraftForm<PaymentDraft>; customerId: string; invoiceId: string | null };

/** The customer's open invoices, oldest due first, with how much goes to each. */
function OpenInvoices({ draft: { form }, customerId, invoiceId }: OpenProps) {
  const { t } = useLingui();
  const open = useRead("openInvoices", [customerId]);
  const started = useRef(false);
  useEffect(() => {
    if (open.data === undefined || started.current) return;
    started.current = true;
    const wanted = open.data.find((row) => row.id === invoiceId);
    const untouched = !form.isDirty();
    form.setFieldValue("applied", newApplied(open.data, invoiceId));
    if (wanted && form.values.amount === "") form.setFieldValue("amount", decimalText(wanted.balance));
    // What the form fills in by itself is nothing to lose.
    if (untouched) form.resetDirty();
  }, [open.data, form, invoiceId]);
  if (open.error) return <ErrorNote error={open.error} onRetry={() => void open.refetch()} />;
  const rows = open.data ?? [];
  return (
    <section aria-label={t`Open invoices`}>
      <Text size="xs" fw={600} c="var(--br-text-muted)" mb={4}>
        <Trans>Pays these invoices</Trans>
      </Text>
      {open.data && rows.length === 0 && <Text size="sm" className={classes.muted}>{t`No invoice is open. The amount stays as the customer's credit.`}</Text>}
      {rows.map((row) => (
        <OpenInvoice key={row.id} row={row} form={form} />
      ))}
    </section>
  );
}

function OpenInvoice({ row, form }: { row: InvoiceRow; form: OpenProps["draft"]["form"] }) {
  const { t } = useLingui();
  const index = form.values.applied.findIndex((part) => part.invoice_id === row.id);
  if (index < 0) return null;
  return (
    <div className={classes.apply}>
      <div>
        {row.number}
        <Text size="xs" className={classes.muted}>
          <Trans>due {formatDay(row.due_on)}</Trans>
        </Text>
      </div>
      <Amount value={row.balance} />
      <AmountField aria-label={t`Amount for invoice ${row.number}`} placeholder={t`Nothing`} {...fieldProps(form, `applied.${index}.amount`)} />
    </div>
  );
}
