/** One order beside the list: its lines with what has shipped, parcels, where it goes, what happened. */
import { Anchor, Button, Skeleton, Stack, Text } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { type OrderLineView, type OrderView, type ShipmentView, useRead } from "../../api";
import {
  addressLines,
  Amount,
  Badge,
  ErrorState,
  Facts,
  formatDay,
  formatQuantity,
  isZero,
  PanelSection,
  Price,
  RecordHistory,
  RecordLink,
  SidePanel,
  StatusBadge,
  SyncList,
  useGo,
} from "../../shared";
import { OrderActions } from "./OrderActions";
import { carrierWords } from "./carrierWords";
import classes from "./orders.module.css";

type Props = { id: string; onClose: () => void; onEdit: () => void };

export function OrderPanel({ id, onClose, onEdit }: Props) {
  const { t } = useLingui();
  const go = useGo();
  const order = useRead("getOrder", [id]);
  const view = order.data;
  if (!view) {
    return (
      <SidePanel title={t`Order`} onClose={onClose}>
        {order.error ? (
          <ErrorState error={order.error} onRetry={() => void order.refetch()} />
        ) : (
          <Stack gap="md" aria-busy>
            {["60%", "80%", "45%", "70%"].map((width) => (
              <Skeleton key={width} height={10} width={width} />
            ))}
          </Stack>
        )}
      </SidePanel>
    );
  }
  return (
    <SidePanel
      title={t`Order ${view.draft.number}`}
      subtitle={<StatusBadge kind="order" status={view.status} />}
      onClose={onClose}
      actions={<OrderActions orders={[{ id, status: view.status }]} onDone={() => undefined} />}
      footer={
        <>
          <Button variant="default" disabled={!view.editable} onClick={onEdit}>{t`Edit`}</Button>
          {view.invoice_id === null && view.status !== "cancelled" && (
            <Button variant="default" onClick={() => go("/invoices/new", { order: id })}>{t`Make an invoice`}</Button>
          )}
        </>
      }
    >
      <OrderDetails view={view} />
    </SidePanel>
  );
}

function OrderDetails({ view }: { view: OrderView }) {
  const { t } = useLingui();
  const { draft } = view;
  return (
    <>
      <PanelSection title={t`Order`}>
        <Facts
          facts={[
            [t`Customer`, <RecordLink key="customer" kind="customer" id={draft.customer_id}>{draft.customer_name}</RecordLink>],
            [t`E-mail`, draft.customer_email],
            [t`Ordered`, formatDay(draft.ordered_on)],
            [t`Held until`, formatDay(view.hold_until)],
            [t`From`, view.source === "owner" ? t`Typed in here` : view.source],
            [t`Invoice`, view.invoice_id === null ? "" : <RecordLink key="invoice" kind="invoice" id={view.invoice_id}>{t`Show the invoice`}</RecordLink>],
            [t`Ship to`, addressLines(draft.ship_to).join("\n")],
            [t`Buyer's note`, draft.customer_note],
            [t`Your note`, draft.internal_note],
          ]}
        />
      </PanelSection>
      <PanelSection title={t`Lines`}>
        <ul className={classes.lines}>
          {view.lines.map((line) => (
            <Line key={line.id} line={line} />
          ))}
        </ul>
        <dl className={classes.totals}>
          <Total label={t`Subtotal`} value={view.subtotal} />
          {!isZero(view.shipping) && <Total label={t`Shipping`} value={view.shipping} />}
          {!isZero(view.tax) && <Total label={t`Tax`} value={view.tax} />}
          <Total label={t`Total`} value={view.total} strong />
        </dl>
      </PanelSection>
      <PanelSection title={t`Parcels`}>
        {view.shipments.length === 0 && <Text size="sm" c="var(--br-text-muted)">{t`Nothing has left yet.`}</Text>}
        {view.shipments.map((shipment) => (
          <Parcel key={shipment.id} shipment={shipment} />
        ))}
      </PanelSection>
      <PanelSection title={t`Sync`}>
        <SyncList sync={view.sync} />
      </PanelSection>
      <PanelSection title={t`History`}>
        <RecordHistory kind="order" id={view.draft.id} version={view.draft.version} history={view.history} />
      </PanelSection>
    </>
  );
}

function Line({ line }: { line: OrderLineView }) {
  const { t } = useLingui();
  return (
    <li className={classes.line}>
      <span className={classes.lineName}>
        {line.item_id === null ? line.name : <RecordLink kind="item" id={line.item_id}>{line.name}</RecordLink>}
        {line.sku !== "" && <span className={classes.muted}> {line.sku}</span>}
      </span>
      <span className={classes.muted}>
        {formatQuantity(line.quantity)} × <Price value={line.unit_price} />
        {!line.adjustment && ` · ${t`${formatQuantity(line.shipped)} of ${formatQuantity(line.quantity)} shipped`}`}
      </span>
      <Amount value={line.amount} />
    </li>
  );
}

function Parcel({ shipment }: { shipment: ShipmentView }) {
  const { t } = useLingui();
  const [shown, setShown] = useState(false);
  return (
    <div className={classes.parcel}>
      <div>
        {formatDay(shipment.shipped_on)} {[shipment.carrier, shipment.service].filter(Boolean).map(carrierWords).join(", ")}{" "}
        {shipment.voided && <Badge tone="neutral" label={t`Label cancelled`} />}
        {shipment.is_return && <Badge tone="warning" label={t`Return`} />}
      </div>
      {shipment.tracking_number !== "" && <div className={classes.tracking}>{shipment.tracking_number}</div>}
      <div className={classes.muted}>
        {shipment.contents.join(", ")}
        {shipment.cost && (
          <>
            {" · "}
            {t`postage`} <Amount value={shipment.cost} />
          </>
        )}
      </div>
      <Anchor component="button" type="button" size="xs" aria-expanded={shown} onClick={() => setShown(!shown)}>
        {t`History of this parcel`}
      </Anchor>
      {shown && <RecordHistory kind="shipment" id={shipment.id} />}
    </div>
  );
}

function Total({ label, value, strong = false }: { label: string; value: OrderView["total"]; strong?: boolean }) {
  return (
    <div className={strong ? classes.totalStrong : classes.total}>
      <dt>{label}</dt>
      <dd>
        <Amount value={value} {...(strong && { tone: "strong" as const })} />
      </dd>
    </div>
  );
}
