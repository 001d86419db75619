/** Records goods received, adjusted, counted or moved. Saving twice writes once: the movement's id is made on opening. */
import { Alert, Button, Group, Modal, SegmentedControl, Skeleton, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { type ItemView, type LocationView, type StockChange, type StockDraft, useChange, useRead } from "../../api";
import { AmountField, type DraftForm, ErrorNote, fieldProps, formatQuantity, FormField, FormSelect, newId, notifyDone, useDraftForm } from "../../shared";
import { changeWords } from "./kinds";

const CHANGES: StockChange[] = ["receive", "adjust", "count", "transfer"];

export function StockDialog({ itemId, onClose }: { itemId: string; onClose: () => void }) {
  const { t } = useLingui();
  const item = useRead("getItem", [itemId]);
  const choices = useRead("choices", []);
  const error = item.error ?? choices.error;
  const locations = choices.data?.locations;
  return (
    <Modal opened onClose={onClose} title={t`Change stock`} size="md">
      {error && <ErrorNote error={error} onRetry={() => void Promise.all([item.refetch(), choices.refetch()])} />}
      {!error && (!item.data || !locations) && <Skeleton height={240} />}
      {item.data && locations && <StockForm item={item.data} locations={locations} onClose={onClose} />}
    </Modal>
  );
}

type FormProps = { item: ItemView; locations: LocationView[]; onClose: () => void };

const onHandAt = (item: ItemView, location: string) => item.levels.find(({ location_id }) => location_id === location)?.on_hand ?? "0";

function firstDraft(item: ItemView, locations: LocationView[]): StockDraft {
  const home = locations.find(({ is_default }) => is_default) ?? locations[0];
  return {
    id: newId(),
    item_id: item.draft.id,
    location_id: home?.id ?? "",
    to_location_id: null,
    change: "receive",
    quantity: "",
    note: "",
    seen: onHandAt(item, home?.id ?? ""),
    counted_before: false,
  };
}

function StockForm({ item, locations, onClose }: FormProps) {
  const { t } = useLingui();
  const change = useChange("changeStock");
  const [initial] = useState(() => firstDraft(item, locations));
  // What was on hand everywhere when the form opened: a count is a count of that until its owner says otherwise.
  const [opened] = useState(item);
  const draft = useDraftForm(initial, async (typed) => {
    // A place to move to belongs to a transfer alone.
    const isCount = typed.change === "count";
    await change.mutateAsync([
      {
        ...typed,
        to_location_id: typed.change === "transfer" ? typed.to_location_id : null,
        seen: isCount ? typed.seen : null,
        counted_before: isCount && typed.counted_before,
      },
    ]);
    notifyDone(t`Stock of ${item.draft.name} recorded`);
    onClose();
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void draft.submit();
  };
  return (
    <form ref={draft.ref} onSubmit={onSubmit} noValidate>
      <Stack gap="sm">
        <Text size="sm" fw={500} lineClamp={2} title={item.draft.name} dir="auto">
          {item.draft.name}
        </Text>
        {draft.error && <ErrorNote error={draft.error} />}
        <StockFields draft={draft} item={item} opened={opened} locations={locations} />
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" loading={draft.saving}>{t`Record`}</Button>
        </Group>
      </Stack>
    </form>
  );
}

type FieldsProps = { draft: DraftForm<StockDraft>; item: ItemView; opened: ItemView; locations: LocationView[] };

function StockFields({ draft: { form }, item, opened, locations }: FieldsProps) {
  const { t } = useLingui();
  const { change, location_id: at } = form.values;
  const words = changeWords[change];
  const options = locations.map(({ id, name }) => ({ value: id, label: name }));
  const level = onHandAt(item, at);
  const onHand = formatQuantity(level);
  const place = fieldProps(form, "location_id");
  const choosePlace = (value: unknown) => {
    place.onChange(value);
    // Another place was counted, of which nothing has been said yet.
    form.setValues({ seen: onHandAt(opened, String(value)), counted_before: false });
  };
  const transfer = change === "transfer";
  const target = fieldProps(form, "to_location_id");
  const kind = fieldProps(form, "change");
  return (
    <>
      <SegmentedControl
        fullWidth
        aria-label={t`What happened`}
        value={change}
        onChange={kind.onChange}
        data={CHANGES.map((name) => ({ value: name, label: t(changeWords[name].label), disabled: name === "transfer" && locations.length < 2 }))}
      />
      <FormSelect label={transfer ? t`From` : t`Location`} description={t`${onHand} on hand now`} data={options} {...place} onChange={choosePlace} />
      {transfer && (
        <FormSelect label={t`To`} data={options.filter(({ value }) => value !== at)} {...target} value={target.value ?? null} />
      )}
      <AmountField label={t(words.quantity)} description={t(words.help)} autoFocus data-autofocus {...fieldProps(form, "quantity")} />
      {change === "count" && <Moved form={form} now={level} />}
      <FormField label={t`Note`} {...fieldProps(form, "note")} />
      {item.draft.kind !== "stocked" && (
        <Text size="sm" c="var(--br-warning)">
          <Trans>This item is not counted.</Trans>
        </Text>
      )}
    </>
  );
}

/** Stock moved while the form was open: what was counted is for the owner to say. */
function Moved({ form, now }: { form: DraftForm<StockDraft>["form"]; now: string }) {
  const { t } = useLingui();
  const { seen, counted_before: before } = form.values;
  const [was, is] = [formatQuantity(seen ?? now), formatQuantity(now)];
  const moved = seen !== null && seen !== now;
  if (!moved) return null;
  return (
    <Alert role="alert" color="yellow" title={t`Stock moved from ${was} to ${is} while this form was open`} data-path="seen" tabIndex={-1}>
      <Stack gap="xs">
        <Text size="sm">
          {before ? t`Your count stands for the moment before; what moved since stays taken into account.` : t`When did you count?`}
        </Text>
        <Group gap="xs">
          <Button size="xs" variant={before ? "filled" : "default"} aria-pressed={before} onClick={() => form.setFieldValue("counted_before", true)}>
            {t`Before it moved`}
          </Button>
          <Button size="xs" variant="default" onClick={() => form.setValues({ seen: now, counted_before: false })}>{t`After it moved`}</Button>
        </Group>
      </Stack>
    </Alert>
  );
}
