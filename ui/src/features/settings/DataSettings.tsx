/** Where the data lies, and taking it out as files. */
import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconCheck } from "@tabler/icons-react";
import { useChange, useRead } from "../../api";
import { ErrorNote, Facts } from "../../shared";
import { Backups } from "./Backups";

export function DataSettings() {
  const { t } = useLingui();
  const status = useRead("appStatus", []);
  const exportData = useChange("exportData");
  return (
    <Stack gap="lg" align="stretch">
      <Title order={2} size="h3">
        <Trans>Data</Trans>
      </Title>
      <Facts
        facts={[
          [t`Folder`, status.data?.data_folder ?? ""],
          [t`Version`, status.data?.app_version ?? ""],
        ]}
      />
      <Backups />
      <div>
        <Text fw={500} size="sm">
          <Trans>Export</Trans>
        </Text>
        <Text size="sm" c="var(--br-text-muted)" mb="xs">
          <Trans>Writes every record as CSV files into a new folder inside the data folder. Any spreadsheet opens them.</Trans>
        </Text>
        <Button variant="default" loading={exportData.isPending} onClick={() => exportData.mutate([])}>
          <Trans>Export everything</Trans>
        </Button>
      </div>
      {exportData.error && <ErrorNote error={exportData.error} onRetry={() => exportData.mutate([])} />}
      {exportData.data && (
        <Alert color="green" icon={<IconCheck size={16} />} title={t`${exportData.data.files.length} files written`} role="status">
          {exportData.data.folder}
        </Alert>
      )}
    </Stack>
  );
}
