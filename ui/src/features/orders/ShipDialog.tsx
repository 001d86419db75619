/** Marks orders as shipped, each with a tracking number of its own; vendors that have an order are told. */
import { Button, Checkbox, Group, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { type OrderAction, type ShippingOptions, type ShippingOrder, useChange, useRead } from "../../api";
import { DateField, type DraftForm, ErrorNote, fieldProps, FormField, FormSelect, notifyDone, useDraftForm } from "../../shared";
import classes from "./ship.module.css";

type Props = { ids: string[]; onDone: () => void; onClose: () => void };
type Marking = Omit<Extract<OrderAction, { type: "mark_shipped" }>, "type">;

export function ShipDialog({ ids, onDone, onClose }: Props) {
  const { t } = useLingui();
  const options = useRead("shippingOptions", [ids], { fresh: true });
  const count = ids.length;
  const title = count === 1 ? t`Mark as shipped` : plural(count, { one: "Mark # order as shipped", other: "Mark # orders as shipped" });
  return (
    <Modal opened onClose={onClose} title={title} size={count === 1 ? "sm" : "lg"}>
      {options.error && <ErrorNote error={options.error} onRetry={() => void options.refetch()} />}
      {!options.error && !options.data && <Skeleton height={280} />}
      {options.data && <ShipForm options={options.data} onDone={onDone} onClose={onClose} />}
    </Modal>
  );
}

function ShipForm({ options, onDone, onClose }: { options: ShippingOptions } & Omit<Props, "ids">) {
  const { t } = useLingui();
  const act = useChange("actOnOrders");
  const { orders, vendors } = options;
  const [initial] = useState<Marking>(() => ({
    carrier: "",
    shipped_on: options.today,
    notify_buyer: vendors.length > 0,
    notify_channel: vendors.length > 0,
    parcels: orders.map(({ id }) => ({ order_id: id, tracking_number: "" })),
  }));
  const draft = useDraftForm(initial, async (typed) => {
    await act.mutateAsync([orders.map(({ id }) => id), { type: "mark_shipped", ...typed }]);
    const [only] = orders;
    const count = orders.length;
    notifyDone(
      count === 1 && only ? t`Order ${only.number} marked as shipped` : plural(count, { one: "# order marked as shipped", other: "# orders marked as shipped" }),
    );
    onDone();
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void draft.submit();
  };
  return (
    <form ref={draft.ref} onSubmit={onSubmit} noValidate>
      <Stack gap="md">
        <WhatHappens options={options} />
        {draft.error && <ErrorNote error={draft.error} />}
        <div className={classes.head}>
          <Carrier form={draft.form} options={options} />
          <DateField label={t`Ship date`} {...fieldProps(draft.form, "shipped_on")} />
        </div>
        <TrackingNumbers form={draft.form} orders={orders} />
        {vendors.length > 0 && <Notify form={draft.form} vendors={vendors} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" loading={draft.saving}>{t`Mark as shipped`}</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What marking does, and that it is always the rest of an order. */
function WhatHappens({ options: { orders, vendors } }: { options: ShippingOptions }) {
  const { t } = useLingui();
  const told = vendors.join(", ");
  const untold = orders.filter((order) => order.vendors.length === 0).length;
  const partly = orders.some((order) => order.partly_shipped);
  return (
    <Text size="sm">
      {t`Marks all remaining items as shipped and reduces stock.`}{" "}
      {vendors.length > 0 && t`${told} marks the whole order as shipped; to ship a part, split the order there first.`}{" "}
      {partly && t`What left earlier stays as it is.`}{" "}
      {vendors.length > 0 &&
        untold > 0 &&
        plural(untold, { one: "# order is only marked in Backroom.", other: "# orders are only marked in Backroom." })}
    </Text>
  );
}

type FormProps = { form: DraftForm<Marking>["form"] };

/** The vendor's carriers where one is told; free text otherwise, and while none are known. */
function Carrier({ form, options: { carriers, vendors } }: FormProps & { options: ShippingOptions }) {
  const { t } = useLingui();
  const field = fieldProps(form, "carrier");
  if (carriers.length === 0) {
    const hint = vendors.length > 0 ? t`The list comes with the next sync. Until then, type the carrier's code, such as ups.` : undefined;
    return <FormField label={t`Carrier`} description={hint} {...field} data-autofocus />;
  }
  return (
    <FormSelect
      label={t`Carrier`}
      placeholder={t`Choose a carrier`}
      searchable
      data={carriers.map(({ code, name }) => ({ value: code, label: name }))}
      {...field}
      data-autofocus
    />
  );
}

/** Enter goes on to the next order, as a scanner does after each code; after the last one it saves. */
function TrackingNumbers({ form, orders }: FormProps & { orders: ShippingOrder[] }) {
  const { t } = useLingui();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key !== "Enter") return;
    const fields = [...(list.current?.querySelectorAll("input") ?? [])];
    const next = fields[fields.indexOf(event.currentTarget) + 1];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
    next.select();
  };
  if (orders.length === 1) return <FormField label={t`Tracking number`} {...fieldProps(form, "parcels.0.tracking_number")} />;
  return (
    <div ref={list} className={classes.orders} role="group" aria-label={t`Tracking numbers`}>
      {orders.map((order, index) => (
        <div key={order.id} className={classes.order}>
          <div className={classes.what}>
            <span className={classes.number} title={order.number}>
              {order.number}
            </span>
            <span className={classes.buyer} title={order.customer_name} dir="auto">
              {order.customer_name}
            </span>
          </div>
          <FormField
            aria-label={t`Tracking number of order ${order.number}`}
            placeholder={t`Tracking number`}
            onKeyDown={onKeyDown}
            {...fieldProps(form, `parcels.${index}.tracking_number`)}
          />
        </div>
      ))}
    </div>
  );
}

function Notify({ form, vendors }: FormProps & { vendors: string[] }) {
  const { t } = useLingui();
  const told = vendors.join(", ");
  const box = (path: "notify_buyer" | "notify_channel") => form.getInputProps(path, { type: "checkbox" });
  return (
    <Stack gap={6}>
      <Checkbox size="xs" label={t`Notify the buyer`} description={t`${told} sends its shipping e-mail.`} {...box("notify_buyer")} />
      <Checkbox size="xs" label={t`Notify the sales channel`} description={t`The shop the order comes from gets the tracking number.`} {...box("notify_channel")} />
    </Stack>
  );
}
