/** Asks for company name, currency and time zone, with the computer's own settings as first answers. */
import { Button, Stack, Text, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useMemo, useState } from "react";
import { useChange, useRead } from "../../api";
import { ErrorNote, fieldProps, FormField, FormSelect, locale, useDraftForm, zoneOptions } from "../../shared";
import { guessCurrency, guessTimeZone } from "./guesses";
import classes from "./Welcome.module.css";

export function Welcome() {
  const { t } = useLingui();
  const choices = useRead("choices", []);
  const setUp = useChange("setUpCompany");
  const [start] = useState(() => ({ name: "", currency: guessCurrency(locale), time_zone: guessTimeZone() }));
  const draft = useDraftForm(start, (setup) => setUp.mutateAsync([setup]));
  const { form } = draft;
  const currencies = useMemo(() => currencyOptions(choices.data?.currencies ?? [start.currency]), [choices.data, start]);
  // The computer may know a zone by a name the app's list lacks; it stays a choice.
  const zones = useMemo(() => zoneOptions([...new Set([...(choices.data?.time_zones ?? []), start.time_zone])]), [choices.data, start]);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void draft.submit();
  };
  return (
    <main className={classes.page}>
      <form ref={draft.ref} className={classes.card} onSubmit={onSubmit} noValidate>
        <Stack gap="md">
          <div>
            <Title order={1} size="h1">
              <Trans>Welcome to Backroom</Trans>
            </Title>
            <Text size="sm" c="var(--br-text-muted)" mt={4}>
              <Trans>Your books stay on this computer. Three answers and you can start.</Trans>
            </Text>
          </div>
          {draft.error && <ErrorNote error={draft.error} />}
          {choices.error && <ErrorNote error={choices.error} onRetry={() => void choices.refetch()} />}
          <FormField label={t`Company name`} description={t`As it stands on your invoices.`} required autoFocus {...fieldProps(form, "name")} />
          <FormSelect label={t`Currency`} description={t`The one you keep your books in. It is fixed once there are amounts.`} searchable required data={currencies} {...fieldProps(form, "currency")} />
          <FormSelect label={t`Time zone`} description={t`Decides when a day ends, and so what is overdue.`} searchable required data={zones} {...fieldProps(form, "time_zone")} />
          <Button type="submit" fullWidth mt="xs" loading={draft.saving}>
            <Trans>Start</Trans>
          </Button>
        </Stack>
      </form>
    </main>
  );
}

function currencyOptions(codes: string[]) {
  const names = new Intl.DisplayNames(locale, { type: "currency" });
  return codes.map((code) => ({ value: code, label: `${code} – ${names.of(code) ?? code}` }));
}
