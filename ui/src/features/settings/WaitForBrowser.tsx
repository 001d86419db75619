/** While the owner signs in at the vendor: where to go if the browser did not open, and where to paste if it does not come back. */
import { Anchor, Button, CopyButton, Group, Loader, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { onSignIn, type SignInOutcome, type SignInStarted, useChange, type VendorView } from "../../api";
import { ErrorNote, FormField, formatMoment } from "../../shared";
import classes from "./settings.module.css";

type Props = { vendor: VendorView; started: SignInStarted; onOutcome: (outcome: SignInOutcome) => void; onCancel: () => void };

export function WaitForBrowser({ vendor, started, onOutcome, onCancel }: Props) {
  const { t } = useLingui();
  const finish = useChange("finishSignIn");
  const [link, setLink] = useState("");
  const [unknown, setUnknown] = useState<string | null>(null);
  const latest = useRef(onOutcome);
  latest.current = onOutcome;

  // A link that belongs to no sign-in leaves this one waiting; the dialog says so instead of giving up.
  const hear = (outcome: SignInOutcome) => {
    if (outcome.type === "failed" && outcome.reason === "unknown_state") setUnknown(outcome.message);
    else latest.current(outcome);
  };
  const heard = useRef(hear);
  heard.current = hear;
  useEffect(() => onSignIn((outcome) => heard.current(outcome)), []);

  const paste = (event: FormEvent) => {
    event.preventDefault();
    setUnknown(null);
    finish.mutate([link.trim()], { onSuccess: hear });
  };
  return (
    <Stack gap="md">
      <Group gap="sm" wrap="nowrap" role="status">
        <Loader size={18} aria-hidden />
        <div>
          <Text fw={500}>
            <Trans>Waiting for you to sign in at {vendor.name}</Trans>
          </Text>
          <Text size="sm" c="var(--br-text-muted)">
            <Trans>Your browser shows the page. It brings you back here by itself; this waits until {formatMoment(started.expires_at)}.</Trans>
          </Text>
        </div>
      </Group>
      <AddressToCopy url={started.authorize_url} />
      <form onSubmit={paste}>
        <FormField
          label={t`Signed in, but nothing happened here?`}
          description={t`Paste the address of the page you ended at.`}
          value={link}
          error={unknown}
          onChange={(event) => setLink(event.currentTarget.value)}
        />
        {finish.error && <ErrorNote error={finish.error} />}
        <Group justify="flex-end" gap="xs" mt="md">
          <Button variant="default" onClick={onCancel}>
            <Trans>Stop waiting</Trans>
          </Button>
          <Button type="submit" disabled={link.trim() === ""} loading={finish.isPending}>
            <Trans>Finish with this address</Trans>
          </Button>
        </Group>
      </form>
    </Stack>
  );
}

function AddressToCopy({ url }: { url: string }) {
  const { t } = useLingui();
  return (
    <div>
      <Text size="sm">
        <Trans>No page opened? Copy this address into your browser:</Trans>
      </Text>
      <Group gap="xs" mt={4} wrap="nowrap" align="flex-start">
        <div className={classes.address}>
          <Text lineClamp={2} className={classes.mono}>
            {url}
          </Text>
        </div>
        <CopyButton value={url}>
          {({ copied, copy }) => (
            <Anchor component="button" type="button" size="sm" onClick={copy}>
              {copied ? t`Copied` : t`Copy`}
            </Anchor>
          )}
        </CopyButton>
      </Group>
    </div>
  );
}
