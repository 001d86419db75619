/** The company as it stands on invoices, and how invoices are numbered. */
import { Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { type Choices, type CompanyView, useChange, useRead } from "../../api";
import { AddressFields, type DraftForm, ErrorNote, ErrorState, fieldProps, FormField, FormSelect, notifyDone, NumberField, useDraftForm, zoneOptions } from "../../shared";
import classes from "./settings.module.css";

// Outside the text, where braces would be placeholders of the text itself.
const PATTERN = { counter: "{n}", padded: "{n:5}", year: "{year}", month: "{month}" };

export function CompanySettings() {
  const status = useRead("appStatus", []);
  const choices = useRead("choices", []);
  const error = status.error ?? choices.error;
  if (error) return <ErrorState error={error} onRetry={() => void Promise.all([status.refetch(), choices.refetch()])} />;
  const company = status.data?.company;
  if (!company || !choices.data) return <Skeleton height={480} radius="md" />;
  // A new version makes a new form: what is on show is always what would be saved.
  return <CompanyForm key={company.version} company={company} choices={choices.data} />;
}

function CompanyForm({ company, choices }: { company: CompanyView; choices: Choices }) {
  const { t } = useLingui();
  const save = useChange("saveCompany");
  const readNumber = useChange("readWholeNumber");
  const [start] = useState(company);
  const draft = useDraftForm(start, async (typed) => {
    // The field holds what was typed; the app reads it, thousands and all.
    const next_invoice_number = await readNumber.mutateAsync(["next_invoice_number", String(typed.next_invoice_number)]);
    await save.mutateAsync([{ ...typed, next_invoice_number }]);
    notifyDone(t`Saved.`);
  });
  const { form } = draft;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void draft.submit();
  };
  return (
    <form ref={draft.ref} onSubmit={onSubmit} noValidate>
      <Stack gap="md">
        <Title order={2} size="h3">
          <Trans>Company</Trans>
        </Title>
        {draft.error && <ErrorNote error={draft.error} />}
        <FormField label={t`Company name`} required {...fieldProps(form, "name")} />
        <div className={classes.pair}>
          <FormField label={t`E-mail`} {...fieldProps(form, "email")} />
          <FormField label={t`Telephone`} {...fieldProps(form, "phone")} />
        </div>
        <AddressFields form={form} path="address" placeOnly />
        <div className={classes.pair}>
          <FormSelect label={t`Currency`} description={t`Fixed once there are amounts.`} searchable data={choices.currencies} {...fieldProps(form, "currency")} />
          <FormSelect label={t`Time zone`} description={t`Decides when a day ends.`} searchable data={zoneOptions(choices.time_zones)} {...fieldProps(form, "time_zone")} />
        </div>
        <InvoiceFields form={form} choices={choices} />
        <div>
          <Button type="submit" loading={draft.saving} disabled={!form.isDirty()}>
            <Trans>Save</Trans>
          </Button>
          {!form.isDirty() && (
            <Text span size="sm" c="var(--br-text-muted)" ml="sm">
              <Trans>Nothing changed</Trans>
            </Text>
          )}
        </div>
      </Stack>
    </form>
  );
}

function InvoiceFields({ form, choices }: { form: DraftForm<CompanyView>["form"]; choices: Choices }) {
  const { t } = useLingui();
  return (
    <>
      <Title order={2} size="h3" mt="md">
        <Trans>Invoices</Trans>
      </Title>
      <div className={classes.pair}>
        <FormField
          label={t`Number pattern`}
          description={t`${PATTERN.counter} is the counter, ${PATTERN.padded} pads it to five digits; ${PATTERN.year} and ${PATTERN.month} are filled in.`}
          required
          {...fieldProps(form, "invoice_pattern")}
        />
        <NumberField label={t`Next number`} required {...fieldProps(form, "next_invoice_number")} />
      </div>
      <div className={classes.pair}>
        <FormSelect
          label={t`Start again at 1`}
          data={[
            { value: "never", label: t`Never` },
            { value: "yearly", label: t`Every year` },
            { value: "monthly", label: t`Every month` },
          ]}
          {...fieldProps(form, "number_restart")}
        />
        <FormSelect
          label={t`Terms of new invoices`}
          clearable
          data={choices.terms.map(({ id, name }) => ({ value: id, label: name }))}
          {...fieldProps(form, "default_terms_id")}
        />
      </div>
      <FormSelect
        label={t`Tax code of new lines`}
        clearable
        data={choices.tax_codes.filter((code) => !code.archived).map(({ id, name, percent }) => ({ value: id, label: `${name} (${percent} %)` }))}
        {...fieldProps(form, "default_tax_code_id")}
      />
    </>
  );
}
