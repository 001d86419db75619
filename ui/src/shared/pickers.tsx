/** Pickers of the records that other records name. Each makes a new one in place, with the few fields it cannot do without. */
import { Button, Group, Modal, Stack } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { type FormEvent, type ReactNode, useMemo, useState } from "react";
import { type AddressView, type CustomerDraft, type ItemDraft, useChange, useRead } from "../api";
import { type DraftForm, fieldProps, useDraftForm } from "./draftForm";
import { EntityPicker, type PickerOption, type PickerQuery, usePickerQuery } from "./EntityPicker";
import { ErrorNote } from "./ErrorState";
import { AmountField, FormField, FormSelect } from "./fields";
import { formatPrice, formatQuantity } from "./format";
import { useReturnFocus, useSaveKey } from "./formKeys";
import { newId } from "./ids";

const OPTIONS = 20;

export const emptyAddress: AddressView = {
  name: "",
  company: "",
  line1: "",
  line2: "",
  city: "",
  region: "",
  postal_code: "",
  country: "",
  phone: "",
};

/** A new customer as a form starts with it. */
export function newCustomerDraft(name = ""): CustomerDraft {
  return {
    id: newId(),
    version: null,
    display_name: name,
    company: "",
    email: "",
    phone: "",
    billing: emptyAddress,
    shipping: emptyAddress,
    notes: "",
    terms_id: null,
  };
}

/** A new item as a form starts with it. */
export function newItemDraft(name = ""): ItemDraft {
  return {
    id: newId(),
    version: null,
    sku: "",
    name,
    description: "",
    barcode: "",
    kind: "stocked",
    unit_price: "",
    unit_cost: "",
    tax_code_id: null,
    reorder_point: "",
    opening_quantity: "",
  };
}

type Found = { options: PickerOption[]; pending: boolean; asked: string };

function useCustomerOptions({ text, open: enabled }: PickerQuery): Found {
  const { data, isFetching } = useRead("findCustomers", [text, OPTIONS], { enabled, keepPrevious: true });
  const options = useMemo(
    () => (data ?? []).map((row) => ({ id: row.id, label: row.display_name, detail: row.company === row.display_name ? row.email : row.company || row.email })),
    [data],
  );
  return { options, pending: isFetching, asked: text };
}

function useItemOptions({ text, open: enabled }: PickerQuery): Found {
  const { data, isFetching } = useRead("findItems", [text, OPTIONS], { enabled, keepPrevious: true });
  const options = useMemo(
    () =>
      (data ?? []).map((row) => ({
        id: row.id,
        label: row.sku === "" ? row.name : `${row.sku} · ${row.name}`,
        detail: row.kind === "stocked" ? `${formatPrice(row.unit_price)} · ${formatQuantity(row.available)}` : formatPrice(row.unit_price),
      })),
    [data],
  );
  return { options, pending: isFetching, asked: text };
}

type PickerProps = {
  value: string | null;
  valueLabel: string;
  /** The chosen record; read the rest with `getCustomer` or `getItem`. */
  onChange: (option: PickerOption | null) => void;
  label?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  clearable?: boolean;
  disabled?: boolean;
  placeholder?: string;
  "aria-label"?: string;
  "data-path"?: string;
  "data-autofocus"?: boolean;
};

export function CustomerPicker(props: PickerProps) {
  const { t } = useLingui();
  const [query, onQuery] = usePickerQuery();
  const found = useCustomerOptions(query);
  const [naming, setNaming] = useState<string | null>(null);
  return (
    <>
      <EntityPicker
        {...props}
        {...found}
        onQuery={onQuery}
        newLabel={(text) => (text === "" ? t`New customer` : t`New customer “${text}”`)}
        onNew={setNaming}
      />
      {naming !== null && <NewCustomer name={naming} onClose={() => setNaming(null)} onSaved={props.onChange} />}
    </>
  );
}

export function ItemPicker(props: PickerProps) {
  const { t } = useLingui();
  const [query, onQuery] = usePickerQuery();
  const found = useItemOptions(query);
  const [naming, setNaming] = useState<string | null>(null);
  return (
    <>
      <EntityPicker
        {...props}
        {...found}
        onQuery={onQuery}
        newLabel={(text) => (text === "" ? t`New item` : t`New item “${text}”`)}
        onNew={setNaming}
      />
      {naming !== null && <NewItem name={naming} onClose={() => setNaming(null)} onSaved={props.onChange} />}
    </>
  );
}

type NewProps = { name: string; onClose: () => void; onSaved: (option: PickerOption) => void };

function NewCustomer({ name, onClose, onSaved }: NewProps) {
  const { t } = useLingui();
  const save = useChange("saveCustomer");
  const draft = useDraftForm(useState(() => newCustomerDraft(name))[0], async (typed) => {
    const saved = await save.mutateAsync([typed]);
    onSaved({ id: saved.draft.id, label: saved.draft.display_name });
    onClose();
  });
  return (
    <QuickForm title={t`New customer`} draft={draft} onClose={onClose}>
      <FormField label={t`Name`} required data-autofocus {...fieldProps(draft.form, "display_name")} />
      <FormField label={t`E-mail`} {...fieldProps(draft.form, "email")} />
      <FormField label={t`Telephone`} {...fieldProps(draft.form, "phone")} />
    </QuickForm>
  );
}

function NewItem({ name, onClose, onSaved }: NewProps) {
  const { t } = useLingui();
  const save = useChange("saveItem");
  const draft = useDraftForm(useState(() => newItemDraft(name))[0], async (typed) => {
    const saved = await save.mutateAsync([typed]);
    onSaved({ id: saved.draft.id, label: saved.draft.name });
    onClose();
  });
  const kinds = [
    { value: "stocked", label: t`Goods, counted` },
    { value: "non_stocked", label: t`Goods, not counted` },
    { value: "service", label: t`Service` },
  ];
  return (
    <QuickForm title={t`New item`} draft={draft} onClose={onClose}>
      <FormField label={t`Name`} required data-autofocus {...fieldProps(draft.form, "name")} />
      <FormField label={t`SKU`} {...fieldProps(draft.form, "sku")} />
      <FormSelect label={t`Kind`} data={kinds} {...fieldProps(draft.form, "kind")} />
      <AmountField label={t`Sales price`} {...fieldProps(draft.form, "unit_price")} />
    </QuickForm>
  );
}

function QuickForm<D extends object>({ title, draft, onClose, children }: { title: string; draft: DraftForm<D>; onClose: () => void; children: ReactNode }) {
  const { t } = useLingui();
  useSaveKey(draft, () => void draft.submit());
  useReturnFocus(draft, false);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    // The dialog lies inside the page's form in React's tree; its submit must not save the page.
    event.stopPropagation();
    void draft.submit();
  };
  return (
    <Modal opened onClose={onClose} title={title} size="sm" returnFocus={false}>
      <form ref={draft.ref} onSubmit={onSubmit} noValidate>
        <Stack gap="sm">
          {draft.error && <ErrorNote error={draft.error} />}
          {children}
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>{t`Cancel`}</Button>
            <Button type="submit" loading={draft.saving}>{t`Save`}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
