/** Types in or changes an order, in a drawer over the list. Totals are core's. */
import { Group } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { type OrderDraft, queryKey, useChange, useFetch, useRead } from "../../api";
import {
  AddressFields,
  Amount,
  AmountField,
  CustomerPicker,
  DateField,
  DraftDrawer,
  DraftDrawerLoading,
  emptyAddress,
  fieldProps,
  FormArea,
  FormField,
  FormSection,
  newId,
  notifyDone,
  notifyError,
  useDraftForm,
} from "../../shared";
import { newOrderLine, OrderLines } from "./OrderLines";

type Props = { id: string | null; onClose: () => void; onSaved: (id: string) => void };
type FormProps = Omit<Props, "id">;

export function OrderForm({ id, ...props }: Props) {
  return id === null ? <NewOrder {...props} /> : <EditOrder id={id} {...props} />;
}

function newOrder(today: string): OrderDraft {
  return {
    id: newId(),
    version: null,
    number: "",
    ordered_on: today,
    customer_id: null,
    customer_name: "",
    customer_email: "",
    ship_to: emptyAddress,
    lines: [newOrderLine()],
    shipping: "",
    tax: "",
    customer_note: "",
    internal_note: "",
  };
}

function NewOrder(props: FormProps) {
  const { t } = useLingui();
  const status = useRead("appStatus", []);
  if (!status.data) return <DraftDrawerLoading title={t`New order`} error={status.error} onRetry={() => void status.refetch()} onClose={props.onClose} />;
  return <OrderDrawer initial={newOrder(status.data.today)} {...props} />;
}

function EditOrder({ id, ...props }: FormProps & { id: string }) {
  const { t } = useLingui();
  const order = useRead("getOrder", [id]);
  if (!order.data) return <DraftDrawerLoading title={t`Edit order`} error={order.error} onRetry={() => void order.refetch()} onClose={props.onClose} />;
  return <OrderDrawer initial={order.data.draft} {...props} />;
}

function OrderDrawer({ initial: loaded, onClose, onSaved }: FormProps & { initial: OrderDraft }) {
  const { t } = useLingui();
  // A sync may change the order while it is being edited; the form keeps what it started with and merges on saving.
  const [initial] = useState(loaded);
  const client = useQueryClient();
  const change = useChange("saveOrder");
  const fetch = useFetch();
  const draft = useDraftForm(initial, async (typed) => {
    const saved = await change.mutateAsync([typed]);
    client.setQueryData(queryKey("getOrder", saved.draft.id), saved);
    notifyDone(t`Order ${saved.draft.number} saved`);
    onSaved(saved.draft.id);
    onClose();
  });
  const load = useCallback(async () => (await fetch("getOrder", initial.id)).draft, [fetch, initial.id]);
  return (
    <DraftDrawer title={initial.version === null ? t`New order` : t`Edit order ${initial.number}`} draft={draft} initial={initial} load={load} onClose={onClose}>
      <OrderFields draft={draft} />
    </DraftDrawer>
  );
}

function OrderFields({ draft: { form } }: { draft: ReturnType<typeof useDraftForm<OrderDraft>> }) {
  const { t } = useLingui();
  const fetch = useFetch();
  const [settled] = useDebouncedValue(form.values, 120);
  const preview = useRead("previewOrder", [settled], { keepPrevious: true });
  const { customer_id: customerId } = form.values;
  const choose = async (id: string | null) => {
    form.setFieldValue("customer_id", id);
    if (id === null) return;
    try {
      const { draft } = await fetch("getCustomer", id);
      form.setValues({ customer_id: id, customer_name: draft.display_name, customer_email: draft.email, ship_to: draft.shipping });
    } catch (cause) {
      notifyError(cause);
    }
  };
  return (
    <>
      <CustomerPicker
        label={t`Customer`}
        data-autofocus
        clearable
        value={customerId}
        valueLabel={customerId === null ? "" : form.values.customer_name}
        error={form.errors.customer_id}
        data-path="customer_id"
        placeholder={t`None: only a name below`}
        onChange={(option) => void choose(option?.id ?? null)}
      />
      <Group grow gap="sm" align="flex-start">
        <FormField label={t`Buyer's name`} required {...fieldProps(form, "customer_name")} />
        <FormField label={t`E-mail`} inputMode="email" {...fieldProps(form, "customer_email")} />
      </Group>
      <Group grow gap="sm" align="flex-start">
        <FormField label={t`Number`} placeholder={t`Next number`} {...fieldProps(form, "number")} />
        <DateField label={t`Ordered`} required {...fieldProps(form, "ordered_on")} />
      </Group>
      <FormSection title={t`Lines`}>
        <OrderLines form={form} preview={preview.data ?? null} />
      </FormSection>
      <Group grow gap="sm" align="flex-start">
        <AmountField label={t`Shipping`} {...fieldProps(form, "shipping")} />
        <AmountField label={t`Tax`} {...fieldProps(form, "tax")} />
      </Group>
      {preview.data && (
        <Group justify="space-between" fw={600} aria-live="polite">
          <span>{t`Total`}</span>
          <Amount value={preview.data.total} tone="strong" />
        </Group>
      )}
      <FormSection title={t`Ship to`}>
        <AddressFields form={form} path="ship_to" />
      </FormSection>
      <FormArea label={t`Buyer's note`} {...fieldProps(form, "customer_note")} />
      <FormArea label={t`Note to yourself`} {...fieldProps(form, "internal_note")} />
    </>
  );
}
