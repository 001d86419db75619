/** All vendors, each with its connections: who is signed in, how it stands, and the way to sign in. */
import { Alert, Button, Skeleton, Text, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconKeyOff, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { type ConnectionView, useRead, type VendorView } from "../../api";
import { ErrorState, useSearchParams } from "../../shared";
import { ConnectDialog } from "./ConnectDialog";
import { ConnectionCard } from "./ConnectionCard";
import classes from "./settings.module.css";

/** What the dialog is open for. */
type Connecting = { vendor: VendorView; connection: ConnectionView | null };

/** A sign-in chosen here, or named in the address by a problem that it mends. */
function useConnecting(vendors: VendorView[] | undefined, connections: ConnectionView[] | undefined) {
  const [chosen, setConnecting] = useState<Connecting | null>(null);
  const [params, setParams] = useSearchParams();
  const connection = connections?.find((known) => known.id === params.signin);
  const vendor = vendors?.find((known) => known.id === connection?.vendor);
  const close = () => {
    setConnecting(null);
    setParams({ signin: undefined });
  };
  return { connecting: chosen ?? (connection && vendor ? { vendor, connection } : null), setConnecting, close };
}

export function ConnectionsSettings() {
  const { t } = useLingui();
  const vendors = useRead("listVendors", []);
  const connections = useRead("listConnections", []);
  const status = useRead("appStatus", []);
  const { connecting, setConnecting, close } = useConnecting(vendors.data, connections.data);
  const error = vendors.error ?? connections.error;
  if (error) return <ErrorState error={error} onRetry={() => void Promise.all([vendors.refetch(), connections.refetch()])} />;
  if (!vendors.data || !connections.data) return <CardSkeletons />;
  const keychainProblem = status.data?.keychain_problem ?? null;
  return (
    <>
      <Title order={2} size="h3" mb={4}>
        <Trans>Connections</Trans>
      </Title>
      <Text size="sm" className={classes.intro}>
        <Trans>Sign-ins and keys are kept in this computer’s keychain and nowhere else.</Trans>
      </Text>
      {keychainProblem !== null && (
        <Alert color="yellow" mb="md" icon={<IconKeyOff size={16} />} title={t`The keychain can't be used`}>
          <Text size="sm">{keychainProblem}</Text>
          <Text size="sm">
            <Trans>No account can be connected without it; everything else works. Unlock or start the keychain, then check again.</Trans>
          </Text>
          <Button mt="xs" size="xs" variant="default" loading={status.isFetching} onClick={() => void status.refetch()}>
            <Trans>Check again</Trans>
          </Button>
        </Alert>
      )}
      {vendors.data.map((vendor) => {
        const own = connections.data.filter((connection) => connection.vendor === vendor.id);
        return (
          <article key={vendor.id} className={classes.vendor} aria-label={vendor.name}>
            <div className={classes.vendorHead}>
              <div>
                <Title order={3} size="h4">
                  {vendor.name}
                </Title>
                <Text size="sm" c="var(--br-text-muted)">
                  {vendor.summary}
                </Text>
              </div>
              <Button
                variant={own.length === 0 ? "filled" : "default"}
                leftSection={own.length === 0 ? undefined : <IconPlus size={14} aria-hidden />}
                disabled={keychainProblem !== null}
                onClick={() => setConnecting({ vendor, connection: null })}
                aria-label={own.length === 0 ? t`Connect ${vendor.name}` : t`Add account at ${vendor.name}`}
              >
                {own.length === 0 ? t`Connect` : t`Add account`}
              </Button>
            </div>
            {own.map((connection) => (
              <ConnectionCard key={connection.id} connection={connection} onSignIn={() => setConnecting({ vendor, connection })} />
            ))}
          </article>
        );
      })}
      {connecting && (
        <ConnectDialog
          vendor={connecting.vendor}
          connection={connecting.connection}
          practiceAvailable={status.data?.practice_available ?? false}
          onClose={close}
        />
      )}
    </>
  );
}

function CardSkeletons() {
  return (
    <>
      <Skeleton height={24} width={160} mb={40} />
      {[0, 1, 2].map((card) => (
        <Skeleton key={card} height={84} mb={16} radius="md" />
      ))}
    </>
  );
}
