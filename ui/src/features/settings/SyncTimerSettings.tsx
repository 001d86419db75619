/** The background sync: how often, paused or not, what is asked about first, the closed window, notifications. Saved as chosen. */
import { Group, NumberInput, SegmentedControl, Skeleton, Stack, Switch, Text, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { queryKey, type SyncSettings, useChange, useRead } from "../../api";
import { ErrorState, formatMoment, notifyError } from "../../shared";

const INTERVALS = [0, 5, 15, 30, 60];

export function SyncTimerSettings() {
  const { t } = useLingui();
  const settings = useRead("syncSettings", []);
  const status = useRead("syncStatus", []);
  const client = useQueryClient();
  const save = useChange("saveSyncSettings", {
    onError: notifyError,
    onSuccess: (saved) => client.setQueryData(queryKey("syncSettings"), saved),
  });
  if (settings.error) return <ErrorState error={settings.error} onRetry={() => void settings.refetch()} />;
  if (!settings.data) return <Skeleton height={240} radius="md" />;
  // A switch moves when it is pressed; should saving fail, it moves back.
  const now = save.isPending ? save.variables[0] : settings.data;
  const change = (patch: Partial<SyncSettings>) => save.mutate([{ ...now, ...patch }]);
  const next = status.data?.next_run_at ?? null;
  return (
    <Stack gap="lg">
      <Title order={2} size="h3">
        <Trans>Background sync</Trans>
      </Title>
      <div>
        <Text size="sm" fw={500} mb={4} id="sync-interval">
          <Trans>Sync by itself</Trans>
        </Text>
        <SegmentedControl
          size="sm"
          aria-labelledby="sync-interval"
          data={INTERVALS.map((minutes) => ({ value: String(minutes), label: minutes === 0 ? t`Off` : t`${minutes} min` }))}
          value={String(now.interval_minutes)}
          onChange={(value) => change({ interval_minutes: Number(value) })}
        />
        <Text size="xs" c="var(--br-text-muted)" mt={4}>
          {now.paused ? t`Paused.` : next === null ? t`Nothing is sent or fetched until you press “Sync now”.` : t`Next run ${formatMoment(next)}.`}
        </Text>
      </div>
      <Switch label={t`Pause`} description={t`Keeps the timer as it is, but waits.`} checked={now.paused} onChange={(event) => change({ paused: event.currentTarget.checked })} />
      <Switch
        label={t`Keep running when the window is closed`}
        description={t`Backroom stays in the tray and goes on syncing. Quit from the tray's menu.`}
        checked={now.close_to_tray}
        onChange={(event) => change({ close_to_tray: event.currentTarget.checked })}
      />
      <Switch
        label={t`Notify me when something needs me`}
        description={t`A desktop notification for a sign-in that ended or a record that was refused.`}
        checked={now.notify}
        onChange={(event) => change({ notify: event.currentTarget.checked })}
      />
      <div>
        <Text size="sm" fw={500} mb={4}>
          <Trans>Ask me before a sync does something big</Trans>
        </Text>
        <Text size="xs" c="var(--br-text-muted)" mb="xs">
          <Trans>A sync that goes beyond one of these shares, of the records of a kind or of their money, stops and asks. A handful of records always passes.</Trans>
        </Text>
        <Group gap="md" align="flex-start">
          <Share label={t`Deleted, made inactive or voided`} value={now.brake_retire_percent ?? 20} onChange={(percent) => change({ brake_retire_percent: percent })} />
          <Share label={t`Changed`} value={now.brake_change_percent ?? 50} onChange={(percent) => change({ brake_change_percent: percent })} />
        </Group>
      </div>
    </Stack>
  );
}

/** A share in percent, saved when the field is left. */
function Share({ label, value, onChange }: { label: string; value: number; onChange: (percent: number) => void }) {
  const [typed, setTyped] = useState<string | number>(value);
  const leave = () => {
    const percent = Number(typed);
    if (typed === "" || Number.isNaN(percent)) setTyped(value);
    else if (percent !== value) onChange(percent);
  };
  return <NumberInput label={label} suffix=" %" min={1} max={100} clampBehavior="blur" allowDecimal={false} value={typed} onChange={setTyped} onBlur={leave} w={240} />;
}
