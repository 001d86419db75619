/** Who owes it, when, and under which number. Choosing a customer fills in what is known of them. */
import { Button, Collapse } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { useLingui } from "@lingui/react/macro";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { type InvoiceDraft, useFetch, useRead } from "../../api";
import { AddressFields, CustomerPicker, DateField, fieldProps, FormField, FormSection, FormSelect, formatDay, notifyError } from "../../shared";
import classes from "./invoices.module.css";

type Props = { form: UseFormReturnType<InvoiceDraft>; dueOn: string };

export function InvoiceHead({ form, dueOn }: Props) {
  const { t } = useLingui();
  const fetch = useFetch();
  const choices = useRead("choices", []);
  const customerId = form.values.customer_id;
  const customer = useRead("getCustomer", [customerId ?? ""], { enabled: customerId !== null });
  const [addresses, { toggle }] = useDisclosure(false);
  const Chevron = addresses ? IconChevronDown : IconChevronRight;

  const choose = async (id: string | null) => {
    form.setFieldValue("customer_id", id);
    form.clearFieldError("customer_id");
    if (id === null) return;
    try {
      const { draft } = await fetch("getCustomer", id);
      form.setValues((typed) => ({
        ...typed,
        email: draft.email,
        billing: draft.billing,
        shipping_address: draft.shipping,
        terms_id: draft.terms_id ?? typed.terms_id ?? null,
      }));
    } catch (cause) {
      notifyError(cause);
    }
  };
  const terms = fieldProps(form, "terms_id");
  return (
    <div>
      <div className={classes.head}>
        <CustomerPicker
          label={t`Customer`}
          required
          value={customerId}
          valueLabel={customerId === null ? "" : (customer.data?.draft.display_name ?? "")}
          error={form.errors.customer_id}
          data-path="customer_id"
          onChange={(option) => void choose(option?.id ?? null)}
        />
        <FormField label={t`Number`} placeholder={t`Filled in when saved`} {...fieldProps(form, "number")} />
        <DateField label={t`Date`} required {...fieldProps(form, "issued_on")} />
        <FormSelect label={t`Terms`} data={(choices.data?.terms ?? []).map(({ id, name }) => ({ value: id, label: name }))} {...terms} value={terms.value ?? null} />
        <FormField label={t`E-mail`} {...fieldProps(form, "email")} />
        <div className={classes.gap} />
        <div className={classes.gap} />
        <DateField label={t`Due`} placeholder={formatDay(dueOn)} {...fieldProps(form, "due_on")} />
      </div>
      <Button mt="xs" variant="subtle" size="xs" color="gray" leftSection={<Chevron size={14} aria-hidden />} aria-expanded={addresses} onClick={toggle}>
        {t`Addresses`}
      </Button>
      <Collapse expanded={addresses}>
        <div className={classes.addresses}>
          <FormSection title={t`Bill to`}>
            <AddressFields form={form} path="billing" />
          </FormSection>
          <FormSection title={t`Ship to`}>
            <AddressFields form={form} path="shipping_address" />
          </FormSection>
        </div>
      </Collapse>
    </div>
  );
}
