/** The lines. Enter adds one below; choosing an item fills in its description, price and tax. */
import { ActionIcon, Button } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useLingui } from "@lingui/react/macro";
import { IconPlus, IconX } from "@tabler/icons-react";
import { clsx } from "clsx";
import { type KeyboardEvent, useRef } from "react";
import { type InvoiceDraft, type InvoiceLineDraft, type InvoicePreview, useFetch, useRead } from "../../api";
import { Amount, AmountField, fieldProps, FormArea, FormSelect, ItemPicker, notifyError } from "../../shared";
import classes from "./invoices.module.css";
import { newLine, taxChoices } from "./lines";

type Props = { form: UseFormReturnType<InvoiceDraft>; preview: InvoicePreview | null };

export function InvoiceLines({ form, preview }: Props) {
  const { t } = useLingui();
  const status = useRead("appStatus", []);
  const table = useRef<HTMLDivElement>(null);
  const taxCode = status.data?.company?.default_tax_code_id ?? null;
  const { lines } = form.values;

  const add = (place: number) => {
    form.insertListItem("lines", newLine(taxCode), place);
    requestAnimationFrame(() => table.current?.querySelector<HTMLElement>(`[data-path="lines.${place}.item_id"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    const target = event.target as HTMLElement;
    const inList = target.getAttribute("aria-expanded") === "true" || event.shiftKey;
    if (event.key !== "Enter" || event.defaultPrevented || inList || target.tagName === "BUTTON") return;
    event.preventDefault();
    add(index + 1);
  };
  return (
    <div className={classes.lines} ref={table} role="group" aria-label={t`Lines`}>
      <div className={classes.lineHead} aria-hidden>
        <span />
        <span>{t`Item`}</span>
        <span>{t`Description`}</span>
        <span className={classes.end}>{t`Quantity`}</span>
        <span className={classes.end}>{t`Price`}</span>
        <span className={classes.end}>{t`Discount`}</span>
        <span>{t`Tax`}</span>
        <span className={classes.end}>{t`Amount`}</span>
        <span />
      </div>
      {lines.map((line, index) => (
        // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Enter is an addition to the fields' own keys
        <div key={line.id} onKeyDown={(event) => onKeyDown(event, index)}>
          <Line form={form} index={index} line={line} amount={preview?.line_amounts[index] ?? null} taxCode={taxCode} onRemove={() => form.removeListItem("lines", index)} />
        </div>
      ))}
      {typeof form.errors.lines === "string" && <div className={classes.lineErrors}>{form.errors.lines}</div>}
      <div className={classes.addLine}>
        <Button variant="subtle" size="xs" leftSection={<IconPlus size={14} aria-hidden />} data-path="lines" onClick={() => add(lines.length)}>
          {t`Add a line`}
        </Button>
      </div>
    </div>
  );
}

type LineProps = {
  form: UseFormReturnType<InvoiceDraft>;
  index: number;
  line: InvoiceLineDraft;
  amount: InvoicePreview["subtotal"] | null;
  /** Tax code of new lines. */
  taxCode: string | null;
  onRemove: () => void;
};

function Line({ form, index, line, amount, taxCode, onRemove }: LineProps) {
  const { t } = useLingui();
  const fetch = useFetch();
  const choices = useRead("choices", []);
  const item = useRead("getItem", [line.item_id ?? ""], { enabled: line.item_id !== null });
  const at = (field: keyof InvoiceLineDraft) => `lines.${index}.${field}`;
  const name = (label: string) => t`${label}, line ${index + 1}`;

  const choose = async (id: string | null) => {
    form.setFieldValue(at("item_id"), id);
    if (id === null) return;
    try {
      const { draft } = await fetch("getItem", id);
      form.setFieldValue(at("description"), draft.description || draft.name);
      form.setFieldValue(at("unit_price"), draft.unit_price);
      form.setFieldValue(at("tax_code_id"), draft.tax_code_id ?? taxCode);
    } catch (cause) {
      notifyError(cause);
    }
  };
  const codes = (choices.data?.tax_codes ?? []).filter((code) => !code.archived || code.id === line.tax_code_id);
  const tax = fieldProps(form, at("tax_code_id"));
  const label = item.data === undefined ? "" : [item.data.draft.sku, item.data.draft.name].filter(Boolean).join(" · ");
  return (
    <div className={classes.line}>
      <span className={classes.place} aria-hidden>
        {index + 1}
      </span>
      <div className={classes.item}>
        <ItemPicker
          aria-label={name(t`Item`)}
          clearable
          value={line.item_id}
          valueLabel={line.item_id === null ? "" : label}
          error={form.errors[at("item_id")]}
          data-path={at("item_id")}
          onChange={(option) => void choose(option?.id ?? null)}
        />
      </div>
      <div className={classes.description}>
        <FormArea aria-label={name(t`Description`)} minRows={1} {...fieldProps(form, at("description"))} />
      </div>
      <div className={clsx(classes.figure, classes.named)} data-name={t`Quantity`}>
        <AmountField aria-label={name(t`Quantity`)} {...fieldProps(form, at("quantity"))} />
      </div>
      <div className={clsx(classes.figure, classes.named)} data-name={t`Price`}>
        <AmountField aria-label={name(t`Price`)} {...fieldProps(form, at("unit_price"))} />
      </div>
      <div className={clsx(classes.figure, classes.named)} data-name={t`Discount`}>
        <AmountField aria-label={name(t`Discount`)} placeholder={t`10% or 5`} {...fieldProps(form, at("discount"))} />
      </div>
      <div className={clsx(classes.tax, classes.named)} data-name={t`Tax`}>
        <FormSelect
          aria-label={name(t`Tax`)}
          data={taxChoices(codes, line.tax_code_id, t`No tax`)}
          {...tax}
          value={tax.value ?? ""}
          onChange={(value) => tax.onChange(value === "" ? null : value)}
        />
      </div>
      <span className={clsx(classes.amount, classes.named)} data-name={t`Amount`}>
        <Amount value={amount} />
      </span>
      <ActionIcon className={classes.remove ?? ""} variant="subtle" color="gray" aria-label={t`Remove line ${index + 1}`} onClick={onRemove}>
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}
