/** Asks before a backup takes the place of the data file: what it holds, what is here now, what would be lost. */
import { Button, Group, List, Modal, Skeleton, Text } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { type ChangedSince, useChange, useRead } from "../../api";
import { ErrorNote, Facts, formatMoment } from "../../shared";
import { useHolds } from "./Backups";

export function RestoreDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useLingui();
  const words = useHolds();
  const preview = useRead("previewRestore", [name], { fresh: true });
  // Every page shows another company's records afterwards, so all of it begins again.
  const restore = useChange("restoreBackup", { onSuccess: () => window.location.reload() });
  const { data } = preview;
  return (
    <Modal opened onClose={onClose} title={t`Restore this backup?`} size="lg" centered>
      {preview.error && <ErrorNote error={preview.error} onRetry={() => void preview.refetch()} />}
      {!data && !preview.error && <Skeleton height={160} radius="md" />}
      {data && (
        <>
          <Facts
            facts={[
              [t`Company`, data.backup.company ?? ""],
              [t`Backup from`, formatMoment(data.backup.made_at)],
              [t`Holds`, data.backup.counts ? words(data.backup.counts) : ""],
              [t`Here now`, words(data.present)],
            ]}
          />
          <Text size="sm" fw={500} mt="md">
            {data.lost.length === 0 ? t`Nothing was changed here since.` : t`Changed here since, and missing after the restore:`}
          </Text>
          <List size="sm">
            {data.lost.map((lost) => (
              <List.Item key={lost.kind}>
                <Lost lost={lost} />
              </List.Item>
            ))}
          </List>
          <Text size="sm" mt="md">
            <Trans>Your current data file is kept and listed here, so you can go back.</Trans>
          </Text>
          {data.connections.length > 0 && (
            <Text size="sm" mt="xs">
              <Trans>Nothing is sent until you review a preview: some of what waits in the backup may have been sent since.</Trans>
            </Text>
          )}
        </>
      )}
      {restore.error && <ErrorNote error={restore.error} onRetry={() => restore.mutate([name])} />}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" data-autofocus onClick={onClose}>
          {t`Cancel`}
        </Button>
        <Button color="red" loading={restore.isPending} disabled={!data} onClick={() => restore.mutate([name])}>
          {t`Restore`}
        </Button>
      </Group>
    </Modal>
  );
}

function Lost({ lost }: { lost: ChangedSince }) {
  const { t } = useLingui();
  const names: Record<string, string> = {
    customer: t`Customers`,
    item: t`Items`,
    order: t`Orders`,
    invoice: t`Invoices`,
    payment: t`Payments`,
    shipment: t`Shipments`,
  };
  const parts = [
    lost.created > 0 && plural(lost.created, { one: "# new", other: "# new" }),
    lost.changed > 0 && plural(lost.changed, { one: "# changed", other: "# changed" }),
  ].filter((part) => part !== false);
  return (
    <>
      {names[lost.kind] ?? lost.kind}: {parts.join(", ")}
    </>
  );
}
