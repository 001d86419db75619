/** Message and note on the left, what is added and the totals on the right. */
import { Checkbox, Stack } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useLingui } from "@lingui/react/macro";
import type { InvoiceDraft, InvoicePreview } from "../../api";
import { AmountField, fieldProps, FormArea, isZero } from "../../shared";
import { Total } from "./InvoiceDocument";
import classes from "./invoices.module.css";

type Props = { form: UseFormReturnType<InvoiceDraft>; preview: InvoicePreview | null };

export function InvoiceFoot({ form, preview }: Props) {
  const { t } = useLingui();
  const inclusive = form.values.tax_inclusive;
  return (
    <div className={classes.foot}>
      <Stack gap="sm">
        <FormArea label={t`Message to the customer`} {...fieldProps(form, "message")} />
        <FormArea label={t`Note to yourself`} description={t`Never shown to the customer.`} {...fieldProps(form, "note")} />
      </Stack>
      <div>
        <div className={classes.charges}>
          <AmountField label={t`Discount`} placeholder={t`10% or 5`} {...fieldProps(form, "discount")} />
          <AmountField label={t`Shipping`} {...fieldProps(form, "shipping")} />
        </div>
        <Checkbox
          mb="sm"
          label={t`Prices already contain the tax`}
          checked={inclusive}
          onChange={(event) => form.setFieldValue("tax_inclusive", event.currentTarget.checked)}
        />
        {preview && (
          <dl className={classes.totals} aria-live="polite" aria-label={t`Totals`}>
            <Total label={t`Subtotal`} value={preview.subtotal} />
            {!isZero(preview.discount) && <Total label={t`Discount`} value={preview.discount} minus />}
            {!isZero(preview.shipping) && <Total label={t`Shipping`} value={preview.shipping} />}
            {preview.taxes.map((tax) => (
              <Total key={tax.name} label={inclusive ? t`${tax.name} ${tax.percent} %, contained` : `${tax.name} ${tax.percent} %`} value={tax.amount} />
            ))}
            <Total label={t`Total`} value={preview.total} strong />
          </dl>
        )}
      </div>
    </div>
  );
}
