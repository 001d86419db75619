/** Connections that no sync gets through to: what that means for what waits, and the way out. */
import { Alert, Button, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type ConnectionView, useRead, useSyncNow } from "../../api";
import { notifyError, useGo } from "../../shared";
import classes from "./sync.module.css";

/** `listed`: what needs the owner stands below anyway, so that only the rest is said here. */
export function ConnectionTroubles({ listed }: { listed: boolean }) {
  const status = useRead("syncStatus", []);
  const away = (status.data?.connections ?? []).filter(({ state }) => state === "unreachable" || (!listed && state === "needs_sign_in"));
  if (away.length === 0) return null;
  return (
    <div className={classes.troubles}>
      {away.map((connection) => (
        <Trouble key={connection.id} connection={connection} />
      ))}
    </div>
  );
}

function Trouble({ connection }: { connection: ConnectionView }) {
  const { t } = useLingui();
  const go = useGo();
  const sync = useSyncNow({ onError: notifyError });
  const { vendor_name: vendor, state } = connection;
  const signIn = state === "needs_sign_in";
  return (
    <Alert
      color={signIn ? "red" : "yellow"}
      icon={<IconAlertTriangle size={16} />}
      title={signIn ? t`${vendor} asks you to sign in again` : t`${vendor} can't be reached`}
    >
      <div className={classes.trouble}>
        <Text size="sm">
          {signIn ? (
            <Trans>Your work is safe on this computer. What waits for {vendor} is sent once you have signed in.</Trans>
          ) : (
            <Trans>Your work is safe on this computer. What waits for {vendor} is sent by itself when it is back; go on as usual.</Trans>
          )}
        </Text>
        {signIn ? (
          <Button size="xs" variant="default" onClick={() => go("/settings/connections")}>{t`Sign in again`}</Button>
        ) : (
          <Button size="xs" variant="default" loading={sync.isPending} onClick={() => sync.mutate([connection.id])}>{t`Try now`}</Button>
        )}
      </div>
    </Alert>
  );
}
