/** Backups: what there is, one more now, and going back to one. */
import { Alert, Button, Group, Skeleton, Table, Text, VisuallyHidden } from "@mantine/core";
import type { MessageDescriptor } from "@lingui/core";
import { msg, plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle, IconDatabaseExport, IconFolderOpen } from "@tabler/icons-react";
import { useState } from "react";
import { type BackupKind, type BackupView, type Counts, useChange, useRead } from "../../api";
import { ErrorState, formatMoment, notifyDone, notifyError, useLookedAt } from "../../shared";
import { RestoreDialog } from "./RestoreDialog";
import classes from "./settings.module.css";

const kinds: Record<BackupKind, MessageDescriptor> = {
  daily: msg`Daily`,
  manual: msg`By you`,
  before_update: msg`Before an update`,
  before_restore: msg`Before a restore`,
  other: msg`Copied here`,
};

export function Backups() {
  const { t } = useLingui();
  const list = useRead("listBackups", []);
  const [chosen, setChosen] = useState<string | null>(null);
  const backUp = useChange("backUpNow", { onError: notifyError, onSuccess: () => notifyDone(t`Backup made and checked.`) });
  const openFolder = useChange("openBackupFolder", { onError: notifyError });
  useLookedAt("data");
  if (list.error) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  return (
    <section aria-label={t`Backups`}>
      <Text fw={500} size="sm">
        <Trans>Backups</Trans>
      </Text>
      <Text size="sm" c="var(--br-text-muted)" mb="xs">
        <Trans>Backroom makes one a day and keeps 7 days, 4 weeks and 12 months. Each is reopened and checked. Sign-ins are not in them.</Trans>
      </Text>
      {list.data?.problems.map((problem) => (
        <Alert key={problem} color="red" icon={<IconAlertTriangle size={16} />} mb="xs">
          {problem}
        </Alert>
      ))}
      <Group gap="xs" mb="xs">
        <Button variant="default" leftSection={<IconDatabaseExport size={16} />} loading={backUp.isPending} onClick={() => backUp.mutate([])}>
          <Trans>Back up now</Trans>
        </Button>
        <Button variant="subtle" leftSection={<IconFolderOpen size={16} />} onClick={() => openFolder.mutate([])}>
          <Trans>Open folder</Trans>
        </Button>
      </Group>
      {list.data ? <BackupTable rows={list.data.rows} onRestore={setChosen} /> : <Skeleton height={120} radius="md" />}
      {chosen !== null && <RestoreDialog name={chosen} onClose={() => setChosen(null)} />}
    </section>
  );
}

function BackupTable({ rows, onRestore }: { rows: BackupView[]; onRestore: (name: string) => void }) {
  const { t } = useLingui();
  const words = useHolds();
  if (rows.length === 0) {
    return (
      <Text size="sm" c="var(--br-text-muted)">
        <Trans>No backup yet.</Trans>
      </Text>
    );
  }
  return (
    <Table verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t`Made`}</Table.Th>
          <Table.Th>{t`Holds`}</Table.Th>
          <Table.Th ta="right">{t`Size`}</Table.Th>
          <Table.Th>
            <VisuallyHidden>{t`Actions`}</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.name}>
            <Table.Td className={classes.whole}>
              {formatMoment(row.made_at)}
              <Text size="xs" c="var(--br-text-muted)">
                {t(kinds[row.kind])}
              </Text>
            </Table.Td>
            <Table.Td className={row.counts ? undefined : classes.unusable}>{row.counts ? words(row.counts) : row.problem}</Table.Td>
            <Table.Td ta="right" className={classes.whole}>
              {formatSize(row.size_kib)}
            </Table.Td>
            <Table.Td ta="right">
              {row.counts && (
                <Button variant="subtle" size="compact-sm" aria-label={t`Restore the backup of ${formatMoment(row.made_at)}`} onClick={() => onRestore(row.name)}>
                  {t`Restore…`}
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** What a file holds, in one line; kinds without a record are left out. */
export function useHolds(): (counts: Counts) => string {
  const { t } = useLingui();
  return ({ customers, items, orders, invoices, payments }) => {
    const kinds: [count: number, words: string][] = [
      [customers, plural(customers, { one: "# customer", other: "# customers" })],
      [items, plural(items, { one: "# item", other: "# items" })],
      [orders, plural(orders, { one: "# order", other: "# orders" })],
      [invoices, plural(invoices, { one: "# invoice", other: "# invoices" })],
      [payments, plural(payments, { one: "# payment", other: "# payments" })],
    ];
    const held = kinds.filter(([count]) => count > 0).map(([, words]) => words);
    return held.length > 0 ? held.join(", ") : t`No records yet`;
  };
}

function formatSize(kib: number): string {
  return kib < 1024 ? `${kib} KB` : `${(kib / 1024).toFixed(kib < 10_240 ? 1 : 0)} MB`;
}
