/** Tax codes and stock locations: the small lists that forms draw from. */
import { Button, Group, Modal, Skeleton, Stack, Switch, Text, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, type ReactNode, useState } from "react";
import { type LocationDraft, type TaxCodeDraft, useChange, useRead } from "../../api";
import { AmountField, Badge, ErrorNote, ErrorState, fieldProps, FormField, newId, useDraftForm } from "../../shared";
import classes from "./settings.module.css";

export function ListsSettings() {
  const { t } = useLingui();
  const choices = useRead("choices", []);
  const [taxCode, setTaxCode] = useState<TaxCodeDraft | null>(null);
  const [location, setLocation] = useState<LocationDraft | null>(null);
  if (choices.error) return <ErrorState error={choices.error} onRetry={() => void choices.refetch()} />;
  if (!choices.data) return <Skeleton height={320} radius="md" />;
  return (
    <Stack gap="xl">
      <section>
        <ListHead title={t`Tax codes`} add={t`New tax code`} onAdd={() => setTaxCode({ id: newId(), name: "", percent: "", archived: false })} />
        {choices.data.tax_codes.length === 0 && (
          <Text size="sm" className={classes.muted}>
            <Trans>No tax codes yet. Add one for each rate you charge.</Trans>
          </Text>
        )}
        {choices.data.tax_codes.map((code) => (
          <Line key={code.id} onEdit={() => setTaxCode({ ...code })} label={t`Edit ${code.name}`}>
            <span>{code.name}</span>
            <span className={classes.muted}>{code.percent} %</span>
            {code.archived && <Badge tone="neutral" label={t`Archived`} />}
          </Line>
        ))}
      </section>
      <section>
        <ListHead title={t`Stock locations`} add={t`New location`} onAdd={() => setLocation({ id: newId(), name: "", is_default: false })} />
        {choices.data.locations.map((place) => (
          <Line key={place.id} onEdit={() => setLocation({ ...place })} label={t`Edit ${place.name}`}>
            <span>{place.name}</span>
            {place.is_default && <Badge tone="accent" label={t`Default`} />}
          </Line>
        ))}
      </section>
      {taxCode && <TaxCodeDialog start={taxCode} onClose={() => setTaxCode(null)} />}
      {location && <LocationDialog start={location} onClose={() => setLocation(null)} />}
    </Stack>
  );
}

function ListHead({ title, add, onAdd }: { title: string; add: string; onAdd: () => void }) {
  return (
    <Group justify="space-between" mb="xs">
      <Title order={2} size="h3">
        {title}
      </Title>
      <Button variant="default" onClick={onAdd}>
        {add}
      </Button>
    </Group>
  );
}

function Line({ children, label, onEdit }: { children: ReactNode; label: string; onEdit: () => void }) {
  return (
    <div className={classes.rowLine}>
      <Group gap="xs">{children}</Group>
      <Button variant="subtle" size="xs" aria-label={label} onClick={onEdit}>
        <Trans>Edit</Trans>
      </Button>
    </div>
  );
}

function TaxCodeDialog({ start, onClose }: { start: TaxCodeDraft; onClose: () => void }) {
  const { t } = useLingui();
  const save = useChange("saveTaxCode");
  const draft = useDraftForm(start, async (typed) => {
    await save.mutateAsync([typed]);
    onClose();
  });
  const { form } = draft;
  return (
    <Modal opened onClose={onClose} title={t`Tax code`} size="sm">
      <DialogForm draft={draft} onClose={onClose}>
        <FormField label={t`Name`} required data-autofocus {...fieldProps(form, "name")} />
        <AmountField label={t`Percent`} required {...fieldProps(form, "percent")} />
        <Switch label={t`No longer offered`} checked={form.values.archived} onChange={(event) => form.setFieldValue("archived", event.currentTarget.checked)} />
      </DialogForm>
    </Modal>
  );
}

function LocationDialog({ start, onClose }: { start: LocationDraft; onClose: () => void }) {
  const { t } = useLingui();
  const save = useChange("saveLocation");
  const draft = useDraftForm(start, async (typed) => {
    await save.mutateAsync([typed]);
    onClose();
  });
  const { form } = draft;
  return (
    <Modal opened onClose={onClose} title={t`Stock location`} size="sm">
      <DialogForm draft={draft} onClose={onClose}>
        <FormField label={t`Name`} required data-autofocus {...fieldProps(form, "name")} />
        <Switch
          label={t`Take orders from here`}
          disabled={start.is_default}
          checked={form.values.is_default}
          onChange={(event) => form.setFieldValue("is_default", event.currentTarget.checked)}
        />
      </DialogForm>
    </Modal>
  );
}

type DialogFormProps<D extends object> = { draft: ReturnType<typeof useDraftForm<D>>; onClose: () => void; children: ReactNode };

function DialogForm<D extends object>({ draft, onClose, children }: DialogFormProps<D>) {
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void draft.submit();
  };
  return (
    <form ref={draft.ref} onSubmit={onSubmit} noValidate>
      <Stack gap="md">
        {draft.error && <ErrorNote error={draft.error} />}
        {children}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" loading={draft.saving}>
            <Trans>Save</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
