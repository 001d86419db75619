/** Creates or changes a customer in a drawer over the list. */
import { Button, Group } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { type CustomerDraft, queryKey, useChange, useFetch, useRead } from "../../api";
import {
  AddressFields,
  DraftDrawer,
  DraftDrawerLoading,
  fieldProps,
  FormArea,
  FormField,
  FormSection,
  FormSelect,
  newCustomerDraft,
  notifyDone,
  useDraftForm,
} from "../../shared";

type Props = { id: string | null; onClose: () => void; onSaved: (id: string) => void };

export function CustomerForm({ id, ...props }: Props) {
  return id === null ? <NewCustomer {...props} /> : <EditCustomer id={id} {...props} />;
}

type FormProps = Omit<Props, "id">;

function NewCustomer(props: FormProps) {
  const [initial] = useState(() => newCustomerDraft());
  return <CustomerDrawer initial={initial} {...props} />;
}

function EditCustomer({ id, ...props }: FormProps & { id: string }) {
  const { t } = useLingui();
  const customer = useRead("getCustomer", [id]);
  if (!customer.data) {
    return <DraftDrawerLoading title={t`Edit customer`} error={customer.error} onRetry={() => void customer.refetch()} onClose={props.onClose} />;
  }
  return <CustomerDrawer initial={customer.data.draft} {...props} />;
}

function CustomerDrawer({ initial: loaded, onClose, onSaved }: FormProps & { initial: CustomerDraft }) {
  const { t } = useLingui();
  // A sync may change the record while it is being edited; the form keeps what it started with and merges on saving.
  const [initial] = useState(loaded);
  const client = useQueryClient();
  const change = useChange("saveCustomer");
  const fetch = useFetch();
  const save = async (typed: CustomerDraft) => {
    const saved = await change.mutateAsync([typed]);
    client.setQueryData(queryKey("getCustomer", saved.draft.id), saved);
    notifyDone(initial.version === null ? t`Customer added` : t`Customer saved`);
    onSaved(saved.draft.id);
    onClose();
  };
  const draft = useDraftForm(initial, save);
  const load = useCallback(async () => (await fetch("getCustomer", initial.id)).draft, [fetch, initial.id]);
  return (
    <DraftDrawer title={initial.version === null ? t`New customer` : t`Edit customer`} draft={draft} initial={initial} load={load} onClose={onClose}>
      <CustomerFields draft={draft} />
    </DraftDrawer>
  );
}

function CustomerFields({ draft: { form } }: { draft: ReturnType<typeof useDraftForm<CustomerDraft>> }) {
  const { t } = useLingui();
  const choices = useRead("choices", []);
  const terms = [
    { value: "", label: t`Company's terms` },
    ...(choices.data?.terms ?? []).map(({ id, name }) => ({ value: id, label: name })),
  ];
  const termsField = fieldProps(form, "terms_id");
  const copyBilling = () => form.setFieldValue("shipping", { ...form.getValues().billing });
  return (
    <>
      <FormField label={t`Name`} required data-autofocus {...fieldProps(form, "display_name")} />
      <FormField label={t`Company`} {...fieldProps(form, "company")} />
      <Group grow gap="sm" align="flex-start">
        <FormField label={t`E-mail`} inputMode="email" {...fieldProps(form, "email")} />
        <FormField label={t`Telephone`} inputMode="tel" {...fieldProps(form, "phone")} />
      </Group>
      <FormSelect
        label={t`Terms`}
        data={terms}
        {...termsField}
        value={termsField.value ?? ""}
        onChange={(value) => termsField.onChange(value === "" ? null : value)}
      />
      <FormArea label={t`Notes`} {...fieldProps(form, "notes")} />
      <FormSection title={t`Bill to`}>
        <AddressFields form={form} path="billing" />
      </FormSection>
      <FormSection title={t`Ship to`} action={<Button size="compact-xs" variant="subtle" onClick={copyBilling}>{t`Copy from bill to`}</Button>}>
        <AddressFields form={form} path="shipping" />
      </FormSection>
    </>
  );
}
