/** What can be done to one order or to the chosen ones: hold, release, ship, cancel. */
import { Button, Group, Menu, Modal, Stack } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconChevronDown } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { type OrderAction, type OrderStatus, useChange } from "../../api";
import { DateField, ErrorNote, notifyDone, notifyError, useConfirm } from "../../shared";
import { ShipDialog } from "./ShipDialog";

type Chosen = { id: string; status: OrderStatus };
type Props = { orders: Chosen[]; onDone: () => void };

const CAN_HOLD: OrderStatus[] = ["open", "awaiting_payment", "partly_shipped"];
const CAN_SHIP: OrderStatus[] = ["open", "partly_shipped", "on_hold"];
const CLOSED: OrderStatus[] = ["shipped", "cancelled"];

export function OrderActions({ orders, onDone }: Props) {
  const { t } = useLingui();
  const confirm = useConfirm();
  const act = useChange("actOnOrders");
  const [asking, setAsking] = useState<"hold" | "ship" | null>(null);
  const ids = orders.map(({ id }) => id);
  const every = (states: OrderStatus[]) => orders.length > 0 && orders.every(({ status }) => states.includes(status));
  const close = () => {
    setAsking(null);
    onDone();
  };
  const done = () => {
    const count = ids.length;
    notifyDone(plural(count, { one: "# order changed", other: "# orders changed" }));
    close();
  };
  const run = (action: OrderAction) => act.mutateAsync([ids, action]).then(done, notifyError);
  const cancel = async () => {
    const count = ids.length;
    const sure = await confirm({
      title: plural(count, { one: "Cancel this order?", other: "Cancel # orders?" }),
      text: t`Stock promised to it is free again, and the vendor it is connected to is told.`,
      confirmLabel: t`Cancel the order`,
      cancelLabel: t`Keep it`,
      danger: true,
    });
    if (sure) void run({ type: "cancel" });
  };
  return (
    <>
      <Menu>
        <Menu.Target>
          <Button size="xs" variant="default" rightSection={<IconChevronDown size={14} aria-hidden />} loading={act.isPending}>
            <Trans>Actions</Trans>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={!every(CAN_SHIP)} onClick={() => setAsking("ship")}>{t`Mark as shipped`}</Menu.Item>
          <Menu.Item disabled={!every(CAN_HOLD)} onClick={() => setAsking("hold")}>{t`Put on hold`}</Menu.Item>
          <Menu.Item disabled={!every(["on_hold"])} onClick={() => void run({ type: "release" })}>{t`Release from hold`}</Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" disabled={orders.some(({ status }) => CLOSED.includes(status))} onClick={() => void cancel()}>
            {t`Cancel`}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asking === "hold" && <HoldDialog ids={ids} onDone={done} onClose={() => setAsking(null)} />}
      {asking === "ship" && <ShipDialog ids={ids} onDone={close} onClose={() => setAsking(null)} />}
    </>
  );
}

type DialogProps = { ids: string[]; onDone: () => void; onClose: () => void };

function HoldDialog({ ids, onDone, onClose }: DialogProps) {
  const { t } = useLingui();
  const act = useChange("actOnOrders", { onSuccess: onDone });
  const [until, setUntil] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate([ids, { type: "hold", until: until === "" ? null : until }]);
  };
  return (
    <Modal opened onClose={onClose} title={t`Put on hold`} size="sm">
      <form onSubmit={submit}>
        <Stack gap="md">
          {act.error && <ErrorNote error={act.error} />}
          <DateField label={t`Until`} description={t`Leave empty to hold until you release it.`} value={until} onChange={setUntil} data-autofocus />
          <DialogButtons confirm={t`Put on hold`} saving={act.isPending} onClose={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}

function DialogButtons({ confirm, saving, onClose }: { confirm: string; saving: boolean; onClose: () => void }) {
  return (
    <Group justify="flex-end" gap="xs">
      <Button variant="default" onClick={onClose}>
        <Trans>Cancel</Trans>
      </Button>
      <Button type="submit" loading={saving}>
        {confirm}
      </Button>
    </Group>
  );
}
