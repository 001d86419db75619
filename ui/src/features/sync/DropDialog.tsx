/** Asks why changes are not to be sent, and takes them off the queue. */
import { Button, Group, Modal, Text } from "@mantine/core";
import { Plural, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { type OutboxRow, useChange } from "../../api";
import { FormField, notifyDone, notifyError } from "../../shared";

/** What is dropped: changes that wait, by id. */
type Change = Pick<OutboxRow, "id">;
type Props = { rows: Change[]; clear: () => void };

/** The button for these changes, with its dialog. */
export function DropChanges({ rows, clear }: Props) {
  const { t } = useLingui();
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="default" color="red" onClick={() => setOpened(true)}>
        {t`Don't send…`}
      </Button>
      {opened && <DropDialog rows={rows} onClose={() => setOpened(false)} onDone={clear} />}
    </>
  );
}

export function DropDialog({ rows, onClose, onDone }: { rows: Change[]; onClose: () => void; onDone: () => void }) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const drop = useChange("dropOutbox", { onError: notifyError });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      for (const row of rows) await drop.mutateAsync([row.id, reason]);
      notifyDone(t`Dropped. It is listed under “Dropped”.`);
      onDone();
    } finally {
      onClose();
    }
  };
  return (
    <Modal opened onClose={onClose} title={t`Do not send this?`} size="sm" centered>
      <form onSubmit={(event) => void submit(event).catch(() => undefined)}>
        <Text size="sm" mb="sm">
          <Plural
            value={rows.length}
            one="The record stays as it is on both sides. It is sent again only when you change it again."
            other="# records stay as they are on both sides. Each is sent again only when you change it again."
          />
        </Text>
        <FormField label={t`Reason`} required data-autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t`Cancel`}
          </Button>
          <Button color="red" type="submit" loading={drop.isPending} disabled={reason.trim() === ""}>
            {t`Don't send`}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
