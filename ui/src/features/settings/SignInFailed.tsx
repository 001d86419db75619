/** Why a sign-in ended without a connection. Nothing of it was kept. */
import { Alert, Text } from "@mantine/core";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { SignInFailure, SignInOutcome } from "../../api";

/** Total, so that a new reason does not compile without its title. The sentence comes with the outcome. */
const titles: Record<SignInFailure, MessageDescriptor> = {
  declined: msg`You declined the connection`,
  unknown_state: msg`That link belongs to no sign-in`,
  expired: msg`The sign-in took too long`,
  code_refused: msg`The sign-in was not accepted`,
  client_refused: msg`The keys were not accepted`,
  unreachable: msg`The service can't be reached`,
  keychain: msg`The keychain can't be used`,
  malformed: msg`The link is incomplete`,
  other_account: msg`That is another account`,
  cancelled: msg`The sign-in was stopped`,
  fault: msg`Backroom ran into a fault of its own`,
};

type Props = { failed: Extract<SignInOutcome, { type: "failed" }> };

export function SignInFailed({ failed }: Props) {
  const { t } = useLingui();
  return (
    <Alert color="red" icon={<IconAlertTriangle size={16} />} title={t(titles[failed.reason])} role="alert">
      <Text size="sm">{failed.message}</Text>
      <Text size="sm" c="var(--br-text-muted)">
        <Trans>Nothing of this sign-in was kept. What you typed is still here.</Trans>
      </Text>
    </Alert>
  );
}
