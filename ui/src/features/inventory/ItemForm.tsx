/** Creates or changes an item in a drawer over the list. */
import { Group } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { type ItemDraft, queryKey, useChange, useFetch, useRead } from "../../api";
import {
  AmountField,
  DraftDrawer,
  DraftDrawerLoading,
  type DraftForm,
  fieldProps,
  FormArea,
  FormField,
  FormSection,
  FormSelect,
  newItemDraft,
  notifyDone,
  useDraftForm,
} from "../../shared";

type Props = { id: string | null; onClose: () => void; onSaved: (id: string) => void };
type FormProps = Omit<Props, "id">;

export function ItemForm({ id, ...props }: Props) {
  return id === null ? <NewItem {...props} /> : <EditItem id={id} {...props} />;
}

function NewItem(props: FormProps) {
  const [initial] = useState(() => newItemDraft());
  return <ItemDrawer initial={initial} {...props} />;
}

function EditItem({ id, ...props }: FormProps & { id: string }) {
  const { t } = useLingui();
  const item = useRead("getItem", [id]);
  if (!item.data) {
    return <DraftDrawerLoading title={t`Edit item`} error={item.error} onRetry={() => void item.refetch()} onClose={props.onClose} />;
  }
  return <ItemDrawer initial={item.data.draft} {...props} />;
}

function ItemDrawer({ initial: loaded, onClose, onSaved }: FormProps & { initial: ItemDraft }) {
  const { t } = useLingui();
  // A sync may change the record while it is being edited; the form keeps what it started with and merges on saving.
  const [initial] = useState(loaded);
  const client = useQueryClient();
  const change = useChange("saveItem");
  const fetch = useFetch();
  const save = async (typed: ItemDraft) => {
    const saved = await change.mutateAsync([typed]);
    client.setQueryData(queryKey("getItem", saved.draft.id), saved);
    notifyDone(initial.version === null ? t`Item added` : t`Item saved`);
    onSaved(saved.draft.id);
    onClose();
  };
  const draft = useDraftForm(initial, save);
  const load = useCallback(async () => (await fetch("getItem", initial.id)).draft, [fetch, initial.id]);
  return (
    <DraftDrawer title={initial.version === null ? t`New item` : t`Edit item`} draft={draft} initial={initial} load={load} onClose={onClose}>
      <ItemFields draft={draft} isNew={initial.version === null} />
    </DraftDrawer>
  );
}

function ItemFields({ draft: { form }, isNew }: { draft: DraftForm<ItemDraft>; isNew: boolean }) {
  const { t } = useLingui();
  const status = useRead("appStatus", []);
  const choices = useRead("choices", []);
  const currency = status.data?.company?.currency ?? "";
  const taxCodes = [
    { value: "", label: t`Company's tax code` },
    ...(choices.data?.tax_codes ?? [])
      .filter(({ id, archived }) => !archived || id === form.values.tax_code_id)
      .map(({ id, name, percent }) => ({ value: id, label: `${name} (${percent}%)` })),
  ];
  const kinds = [
    { value: "stocked", label: t`Goods, counted` },
    { value: "non_stocked", label: t`Goods, not counted` },
    { value: "service", label: t`Service` },
  ];
  const taxField = fieldProps(form, "tax_code_id");
  return (
    <>
      <FormField label={t`Name`} required data-autofocus {...fieldProps(form, "name")} />
      <Group grow gap="sm" align="flex-start">
        <FormField label={t`SKU`} {...fieldProps(form, "sku")} />
        <FormField label={t`Barcode`} {...fieldProps(form, "barcode")} />
      </Group>
      <FormSelect label={t`Kind`} description={t`Counted goods have stock; the others never run out.`} data={kinds} {...fieldProps(form, "kind")} />
      <Group grow gap="sm" align="flex-start">
        <AmountField label={t`Sales price`} currency={currency} {...fieldProps(form, "unit_price")} />
        <AmountField label={t`Purchase cost`} currency={currency} {...fieldProps(form, "unit_cost")} />
      </Group>
      <FormSelect
        label={t`Tax code`}
        data={taxCodes}
        {...taxField}
        value={taxField.value ?? ""}
        onChange={(value) => taxField.onChange(value === "" ? null : value)}
      />
      <FormArea label={t`Description`} description={t`Stands on invoices and orders.`} {...fieldProps(form, "description")} />
      {form.values.kind === "stocked" && (
        <FormSection title={t`Stock`}>
          <Group grow gap="sm" align="flex-start">
            <AmountField label={t`Reorder point`} description={t`Warns at this quantity; empty is never.`} {...fieldProps(form, "reorder_point")} />
            {isNew && <AmountField label={t`On hand now`} description={t`At the default location.`} {...fieldProps(form, "opening_quantity")} />}
          </Group>
        </FormSection>
      )}
    </>
  );
}
