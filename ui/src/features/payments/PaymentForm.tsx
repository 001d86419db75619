/** Records a payment received and what it pays. Core checks the sums; a remainder stays as the customer's credit. */
import { Button, Drawer, Group, Skeleton, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { type InvoiceRow, type PaymentDraft, useChange, useRead } from "../../api";
import {
  Amount,
  AmountField,
  CustomerPicker,
  DateField,
  decimalText,
  ErrorNote,
  ErrorState,
  fieldProps,
  FormArea,
  FormField,
  formatDay,
  newId,
  notifyDone,
  useDraftForm,
  useUnsavedGuard,
} from "../../shared";
import classes from "./payments.module.css";

type Props = { customerId: string | null; invoiceId: string | null; onClose: () => void; onSaved: (id: string) => void };

export function PaymentForm(props: Props) {
  const { t } = useLingui();
  const status = useRead("appStatus", []);
  if (!status.data) {
    return (
      <Drawer opened onClose={props.onClose} title={t`Record a payment`}>
        {status.error ? <ErrorState error={status.error} onRetry={() => void status.refetch()} /> : <Skeleton height={240} />}
      </Drawer>
    );
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
    const saved = await record.mutateAsync([{ ...typed, applied: typed.applied.filter((part) => part.amount.trim() !== "") }]);
    notifyDone(t`Payment recorded`);
    onSaved(saved.row.id);
  });
  const { form } = draft;
  const guard = useUnsavedGuard(form.isDirty() && !draft.saving);
  const close = () => void guard(onClose);
  const chosen = form.values.customer_id;
  const customer = useRead("getCustomer", [chosen], { enabled: chosen !== "" });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void draft.submit();
  };
  return (
    <Drawer opened onClose={close} title={t`Record a payment`} closeButtonProps={{ "aria-label": t`Close` }}>
      <form ref={draft.ref} onSubmit={onSubmit} noValidate>
        <Stack gap="sm">
          {draft.error && <ErrorNote error={draft.error} />}
          <CustomerPicker
            label={t`Customer`}
            required
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
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" loading={draft.saving}>
              <Trans>Record</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Drawer>
  );
}

type OpenProps = { draft: ReturnType<typeof useDraftForm<PaymentDraft>>; customerId: string; invoiceId: string | null };

/** The customer's open invoices, oldest due first, with how much goes to each. */
function OpenInvoices({ draft: { form }, customerId, invoiceId }: OpenProps) {
  const { t } = useLingui();
  const open = useRead("openInvoices", [customerId]);
  const started = useRef(false);
  useEffect(() => {
    if (open.data === undefined || started.current) return;
    started.current = true;
    const wanted = open.data.find((row) => row.id === invoiceId);
    form.setFieldValue("applied", open.data.map((row) => ({ invoice_id: row.id, amount: row === wanted ? decimalText(row.balance) : "" })));
    if (wanted && form.values.amount === "") form.setFieldValue("amount", decimalText(wanted.balance));
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
