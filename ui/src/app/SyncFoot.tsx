/** Always in sight: "Sync now", how far a run is, and how each connection stands, as a sign with words. */
import { Button, Loader, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Plural, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle, IconCheck, IconCloudOff, IconEye, IconRefresh, IconX } from "@tabler/icons-react";
import { clsx } from "clsx";
import { type ConnectionView, type RunView, useChange, useRead, useSyncNow } from "../api";
import { formatSince, notifyError, planWaits, useGo, useSettled } from "../shared";
import { useNow } from "./useNow";
import classes from "./SyncFoot.module.css";

export function SyncFoot() {
  const { t } = useLingui();
  const status = useRead("syncStatus", []);
  const go = useGo();
  const sync = useSyncNow({ onError: notifyError });
  const cancel = useChange("cancelRun", { onError: notifyError });
  const connections = status.data?.connections ?? [];
  const run = status.data?.open_run ?? null;
  return (
    <section className={classes.foot} aria-label={t`Sync`}>
      {connections.map((connection) => (
        <ConnectionLine key={connection.id} connection={connection} run={run} />
      ))}
      {status.data && connections.length === 0 && (
        <UnstyledButton className={classes.line} title={t`No account connected`} onClick={() => go("/settings/connections")}>
          <IconCloudOff size={14} aria-hidden className={classes.muted} />
          <span className={clsx(classes.muted, classes.word)}>{t`No account connected`}</span>
        </UnstyledButton>
      )}
      <PlanWaits />
      <Counts waiting={status.data?.waiting_count ?? 0} problems={status.data?.problem_count ?? 0} connections={connections} />
      {run === null ? (
        <Button
          fullWidth
          className={classes.button ?? ""}
          title={t`Sync now`}
          variant="default"
          leftSection={<IconRefresh size={14} />}
          disabled={connections.length === 0}
          loading={sync.isPending}
          onClick={() => sync.mutate([null])}
        >
          <span className={classes.word}>{t`Sync now`}</span>
        </Button>
      ) : (
        <Button fullWidth className={classes.button ?? ""} title={t`Stop sync`} variant="default" leftSection={<IconX size={14} />} loading={cancel.isPending} onClick={() => cancel.mutate([])}>
          <span className={classes.word}>{t`Stop sync`}</span>
        </Button>
      )}
    </section>
  );
}

function ConnectionLine({ connection, run }: { connection: ConnectionView; run: RunView | null }) {
  const { t } = useLingui();
  const go = useGo();
  const now = useNow();
  const part = run?.parts.find((entry) => entry.connection_id === connection.id);
  const busy = part?.state === "running" || part?.state === "queued";
  const synced = connection.last_synced_at === null ? t`Not synced yet` : formatSince(connection.last_synced_at, now);
  const short: Record<ConnectionView["state"], string> = {
    ready: synced,
    syncing: t`Syncing`,
    has_problems: plural(connection.problem_count, { one: "# problem", other: "# problems" }),
    // Until when it is left alone, and what that means, is in the state's own words.
    unreachable: t`Unreachable`,
    needs_sign_in: t`Sign in again`,
  };
  const words = busy ? part.step || t`Syncing` : short[connection.state];
  const whole = busy || connection.state === "ready" ? words : connection.state_text;
  const targets: Partial<Record<ConnectionView["state"], string>> = { needs_sign_in: "/settings/connections", has_problems: "/sync/problems" };
  const target = targets[connection.state] ?? "/sync";
  return (
    <Tooltip label={`${connection.vendor_name} · ${connection.account_name} · ${whole}`} position="right">
      <UnstyledButton className={classes.line} onClick={() => go(target)}>
        <StateSign state={busy ? "syncing" : connection.state} />
        <span className={classes.vendor}>{connection.vendor_name}</span>
        <span className={classes.words}>{words}</span>
      </UnstyledButton>
    </Tooltip>
  );
}

function StateSign({ state }: { state: ConnectionView["state"] }) {
  switch (state) {
    case "syncing":
      return <Loader size={14} aria-hidden />;
    case "ready":
      return <IconCheck size={14} aria-hidden className={classes.good} />;
    case "has_problems":
    case "unreachable":
      return <IconAlertTriangle size={14} aria-hidden className={classes.warning} />;
    case "needs_sign_in":
      return <IconX size={14} aria-hidden className={classes.problem} />;
  }
}

/** A preview that waits for the owner; until then nothing of it is done. */
function PlanWaits() {
  const { t } = useLingui();
  const go = useGo();
  const plans = useRead("syncPlans", []);
  const waits = plans.data?.plans.some(planWaits) ?? false;
  useSettled("preview", waits);
  if (!waits) return null;
  return (
    <UnstyledButton className={classes.line} title={t`A preview waits for you`} onClick={() => go("/sync/preview")}>
      <IconEye size={14} aria-hidden className={classes.muted} />
      <Text span size="xs" fw={500} className={classes.word ?? ""}>{t`A preview waits for you`}</Text>
    </UnstyledButton>
  );
}

/** What waits, in sum. Problems that all belong to one connection stand in its own line already. */
function Counts({ waiting, problems, connections }: { waiting: number; problems: number; connections: ConnectionView[] }) {
  const go = useGo();
  useSettled("problems", problems > 0);
  const told = connections.some(({ state, problem_count: own }) => state === "has_problems" && own === problems);
  const counted = told ? 0 : problems;
  if (waiting === 0 && counted === 0) return null;
  return (
    <UnstyledButton className={classes.line} onClick={() => go(counted > 0 ? "/sync/problems" : "/sync/waiting")}>
      {counted > 0 && (
        <Text span size="xs" fw={500} className={classes.problem}>
          <span className={classes.short} aria-hidden>
            {counted}
          </span>
          <span className={classes.word}>
            <Plural value={counted} one="# problem" other="# problems" />
          </span>
        </Text>
      )}
      {waiting > 0 && (
        <Text span size="xs" className={clsx(classes.muted)}>
          <span className={classes.short} aria-hidden>
            {waiting}
          </span>
          <span className={classes.word}>
            <Plural value={waiting} one="# change to send" other="# changes to send" />
          </span>
        </Text>
      )}
    </UnstyledButton>
  );
}
