/** One connection: whose account it is, how it stands, its choices, signing in again and disconnecting. */
import { Button, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import { type ConflictRule, type ConnectionView, useChange, useSyncNow } from "../../api";
import { Badge, FormSelect, formatMoment, notifyDone, notifyError, StatusBadge, useConfirm } from "../../shared";
import classes from "./settings.module.css";

type Props = { connection: ConnectionView; onSignIn: () => void };

export function ConnectionCard({ connection, onSignIn }: Props) {
  const { t } = useLingui();
  const confirm = useConfirm();
  const disconnect = useChange("disconnect", { onError: notifyError });
  const sync = useSyncNow({ onError: notifyError });
  const ask = async () => {
    const sure = await confirm({
      title: t`Disconnect ${connection.account_name}?`,
      text: t`Its keys are removed from the keychain. Everything synced so far stays on this computer; nothing is deleted at ${connection.vendor_name}.`,
      confirmLabel: t`Disconnect`,
      danger: true,
    });
    if (!sure) return;
    await disconnect.mutateAsync([connection.id]);
    notifyDone(t`${connection.account_name} is disconnected.`);
  };
  const needsSignIn = connection.state === "needs_sign_in";
  return (
    <div className={classes.connection}>
      <div className={classes.connectionHead}>
        <span className={classes.accountName} title={connection.account_name}>
          {connection.account_name}
        </span>
        <StatusBadge kind="connection" status={connection.state} />
        {connection.environment === "practice" && <Badge tone="accent" label={t`Practice`} />}
        {connection.environment === "production" && connection.mode === "test" && <Badge tone="warning" label={t`Test mode`} />}
        {connection.environment === "production" && connection.mode === "live" && <Badge tone="neutral" label={t`Live mode`} />}
      </div>
      <Text size="sm" c="var(--br-text-muted)">
        <Trans>Account {connection.account_id}</Trans>
        {" · "}
        {connection.last_synced_at === null ? t`not synced yet` : t`last synced ${formatMoment(connection.last_synced_at)}`}
      </Text>
      {connection.state !== "ready" && connection.state_text !== "" && (
        <Text size="sm" c={needsSignIn ? "var(--br-problem)" : undefined}>
          {connection.state_text}
        </Text>
      )}
      <ConnectionChoices connection={connection} />
      {connection.conflict_rule !== null && <RuleChoice connection={connection} rule={connection.conflict_rule} />}
      <div className={classes.actions}>
        {needsSignIn ? (
          <Button onClick={onSignIn}>
            <Trans>Sign in again</Trans>
          </Button>
        ) : (
          <>
            <Button variant="default" loading={sync.isPending} onClick={() => sync.mutate([connection.id])}>
              <Trans>Sync now</Trans>
            </Button>
            <Button variant="default" onClick={onSignIn}>
              <Trans>Renew sign-in</Trans>
            </Button>
          </>
        )}
        <Button variant="subtle" color="red" loading={disconnect.isPending} onClick={() => void ask()}>
          <Trans>Disconnect</Trans>
        </Button>
      </div>
    </div>
  );
}

/** Who decides when both sides changed the same field. */
function RuleChoice({ connection, rule }: { connection: ConnectionView; rule: ConflictRule }) {
  const { t } = useLingui();
  const save = useChange("saveConflictRule", { onError: notifyError });
  const vendor = connection.vendor_name;
  return (
    <div className={classes.choices}>
      <FormSelect
        label={t`When both sides changed the same field`}
        description={t`What a rule decides is listed in the run that did it`}
        data={[
          { value: "ask", label: t`Ask me each time` },
          { value: "ours", label: t`Keep what is here` },
          { value: "theirs", label: t`Take what is in ${vendor}` },
        ]}
        value={rule}
        onChange={(value) => value !== null && save.mutate([connection.id, value as ConflictRule])}
      />
    </div>
  );
}

/** Choices such as the income account; options are the vendor's own, as last fetched. */
function ConnectionChoices({ connection }: { connection: ConnectionView }) {
  const { t } = useLingui();
  const save = useChange("saveConnectionSetting", { onError: notifyError });
  const refresh = useChange("refreshConnectionChoices", { onError: notifyError });
  const first = useChange("refreshConnectionChoices");
  const fetched = connection.settings.some((setting) => setting.options.length > 0);
  const reachable = connection.state === "ready" || connection.state === "has_problems";
  const asked = useRef(false);
  const { mutate } = first;
  useEffect(() => {
    // The choices of a new connection come by themselves, once. When that fails, the button below says why.
    if (asked.current || fetched || !reachable || connection.settings.length === 0) return;
    asked.current = true;
    mutate([connection.id]);
  }, [connection, fetched, reachable, mutate]);
  if (connection.settings.length === 0) return null;
  return (
    <>
      <div className={classes.choices}>
        {connection.settings.map((setting) => {
          const suggested = setting.options.find((option) => option.suggested);
          return (
            <FormSelect
              key={setting.id}
              label={setting.label}
              description={setting.help}
              required={setting.required}
              searchable
              clearable={setting.value !== null}
              placeholder={suggested ? t`${suggested.label} (suggested)` : t`Choose`}
              nothingFoundMessage={t`Fetch the choices first`}
              data={setting.options.map(({ value, label }) => ({ value, label }))}
              value={setting.value}
              onChange={(value) => save.mutate([connection.id, setting.id, value])}
            />
          );
        })}
      </div>
      <Button className={classes.fetch ?? ""} size="xs" variant="default" loading={refresh.isPending || first.isPending} onClick={() => refresh.mutate([connection.id])}>
        {fetched ? t`Fetch the choices again` : t`Fetch the choices from ${connection.vendor_name}`}
      </Button>
    </>
  );
}
