/** Lines of an order being typed. Enter adds one below; choosing an item fills in its name and price. */
import { ActionIcon, Button } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useLingui } from "@lingui/react/macro";
import { IconPlus, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useRef } from "react";
import { type OrderDraft, type OrderLineDraft, type OrderPreview, useFetch } from "../../api";
import { Amount, AmountField, fieldProps, FormField, ItemPicker, newId, notifyError } from "../../shared";
import classes from "./orders.module.css";

type Props = { form: UseFormReturnType<OrderDraft>; preview: OrderPreview | null };

/** An empty line as a form starts with it. */
export function newOrderLine(): OrderLineDraft {
  return { id: newId(), item_id: null, sku: "", name: "", quantity: "1", unit_price: "" };
}

export function OrderLines({ form, preview }: Props) {
  const { t } = useLingui();
  const box = useRef<HTMLDivElement>(null);
  const { lines } = form.values;
  const add = (place: number) => {
    form.insertListItem("lines", newOrderLine(), place);
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-path="lines.${place}.item_id"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    const target = event.target as HTMLElement;
    const inList = target.getAttribute("aria-expanded") === "true";
    if (event.key !== "Enter" || event.defaultPrevented || inList || target.tagName === "BUTTON") return;
    event.preventDefault();
    add(index + 1);
  };
  return (
    <div ref={box}>
      {lines.map((line, index) => (
        // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Enter is an addition to the fields' own keys
        <div key={line.id} className={classes.formLine} onKeyDown={(event) => onKeyDown(event, index)}>
          <Line form={form} index={index} line={line} amount={preview?.line_amounts[index] ?? null} />
        </div>
      ))}
      {typeof form.errors.lines === "string" && <div className={classes.formErrors}>{form.errors.lines}</div>}
      <Button variant="subtle" size="xs" leftSection={<IconPlus size={14} aria-hidden />} data-path="lines" onClick={() => add(lines.length)}>
        {t`Add a line`}
      </Button>
    </div>
  );
}

type LineProps = { form: UseFormReturnType<OrderDraft>; index: number; line: OrderLineDraft; amount: OrderPreview["total"] | null };

function Line({ form, index, line, amount }: LineProps) {
  const { t } = useLingui();
  const fetch = useFetch();
  const at = (field: keyof OrderLineDraft) => `lines.${index}.${field}`;
  const name = (label: string) => t`${label}, line ${index + 1}`;
  const choose = async (id: string | null) => {
    form.setFieldValue(at("item_id"), id);
    if (id === null) return;
    try {
      const { draft } = await fetch("getItem", id);
      form.setFieldValue(at("sku"), draft.sku);
      form.setFieldValue(at("name"), draft.name);
      form.setFieldValue(at("unit_price"), draft.unit_price);
    } catch (cause) {
      notifyError(cause);
    }
  };
  return (
    <>
      <div className={classes.formLineWide}>
        <ItemPicker
          aria-label={name(t`Item`)}
          clearable
          value={line.item_id}
          valueLabel={line.item_id === null ? "" : [line.sku, line.name].filter(Boolean).join(" · ")}
          error={form.errors[at("item_id")]}
          data-path={at("item_id")}
          placeholder={t`Item, or only a name below`}
          onChange={(option) => void choose(option?.id ?? null)}
        />
      </div>
      <FormField aria-label={name(t`Name`)} placeholder={t`Name`} {...fieldProps(form, at("name"))} />
      <AmountField aria-label={name(t`Quantity`)} {...fieldProps(form, at("quantity"))} />
      <AmountField aria-label={name(t`Price`)} placeholder={t`Price`} {...fieldProps(form, at("unit_price"))} />
      <span className={classes.formAmount}>
        <Amount value={amount} />
      </span>
      <ActionIcon variant="subtle" color="gray" aria-label={t`Remove line ${index + 1}`} onClick={() => form.removeListItem("lines", index)}>
        <IconX size={14} />
      </ActionIcon>
    </>
  );
}
