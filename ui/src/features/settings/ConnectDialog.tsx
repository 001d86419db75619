/** Connecting a vendor: keys or the owner's own app, Practice or Production, then either a check or the browser. */
import { Button, Group, Modal, PasswordInput, SegmentedControl, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { type ConnectionView, type SignInOutcome, type SignInStarted, useChange, type VendorField, type VendorView } from "../../api";
import { ErrorNote, fieldProps, FormField, notifyDone, useDraftForm } from "../../shared";
import { AdvancedFields } from "./AdvancedFields";
import { startingDraft, toConnectDraft, type TypedConnection } from "./connectDraft";
import { SignInFailed } from "./SignInFailed";
import { WaitForBrowser } from "./WaitForBrowser";

type Props = { vendor: VendorView; connection: ConnectionView | null; practiceAvailable: boolean; onClose: () => void };
type Failed = Extract<SignInOutcome, { type: "failed" }>;

export function ConnectDialog({ vendor, connection, practiceAvailable, onClose }: Props) {
  const { t } = useLingui();
  const [waiting, setWaiting] = useState<SignInStarted | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const startSignIn = useChange("startSignIn");
  const connectWithKeys = useChange("connectWithKeys");
  const cancelSignIn = useChange("cancelSignIn");
  const [start] = useState(() => startingDraft(vendor, connection?.environment ?? (practiceAvailable ? "practice" : "production")));

  const onOutcome = (outcome: SignInOutcome) => {
    setWaiting(null);
    if (outcome.type === "failed") return setFailed(outcome);
    notifyDone(t`${outcome.connection.account_name} is connected.`);
    onClose();
  };
  const draft = useDraftForm<TypedConnection>(start, async (typed) => {
    setFailed(null);
    const wanted = toConnectDraft(vendor, connection, typed);
    if (vendor.oauth) setWaiting(await startSignIn.mutateAsync([wanted]));
    else onOutcome(await connectWithKeys.mutateAsync([wanted]));
  });
  // Closed once nothing waits any more: a link that comes after that opens nothing.
  const close = () => (waiting ? cancelSignIn.mutate([], { onSettled: onClose }) : onClose());
  const title = connection === null ? t`Connect ${vendor.name}` : t`Sign in again: ${connection.account_name}`;
  return (
    <Modal opened onClose={close} title={title} size="md" closeOnClickOutside={false}>
      {waiting ? (
        <WaitForBrowser vendor={vendor} started={waiting} onOutcome={onOutcome} onCancel={close} />
      ) : (
        <ConnectForm vendor={vendor} draft={draft} failed={failed} showEnvironment={practiceAvailable && connection === null} onCancel={close} />
      )}
    </Modal>
  );
}

type FormProps = {
  vendor: VendorView;
  draft: ReturnType<typeof useDraftForm<TypedConnection>>;
  failed: Failed | null;
  showEnvironment: boolean;
  onCancel: () => void;
};

function ConnectForm({ vendor, draft, failed, showEnvironment, onCancel }: FormProps) {
  const { t } = useLingui();
  const { form } = draft;
  const { environment } = form.values;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void draft.submit();
  };
  return (
    <form ref={draft.ref} onSubmit={onSubmit} noValidate>
      <Stack gap="md">
        {failed && <SignInFailed failed={failed} />}
        {draft.error && <ErrorNote error={draft.error} />}
        {showEnvironment && (
          <div>
            <SegmentedControl
              fullWidth
              size="sm"
              aria-label={t`Where to connect`}
              data={[
                { value: "practice", label: t`Practice` },
                { value: "production", label: t`Production` },
              ]}
              value={environment}
              onChange={(value) => form.setValues(startingDraft(vendor, value === "practice" ? "practice" : "production"))}
            />
            <Text size="xs" c="var(--br-text-muted)" mt={4}>
              {environment === "practice"
                ? t`A stand-in on this computer with made-up data. Nothing real is touched.`
                : t`Your real account.`}
            </Text>
          </div>
        )}
        {vendor.fields.map((field) => (
          <KeyField key={field.id} field={field} {...fieldProps(form, `fields.${field.id}`)} />
        ))}
        {vendor.oauth && (
          <FormField
            label={t`Redirect address`}
            description={t`The https page you host and registered with ${vendor.name}. It sends you back to Backroom; the README shows how.`}
            placeholder="https://"
            required
            {...fieldProps(form, "redirect_uri")}
          />
        )}
        <AdvancedFields vendor={vendor} form={form} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" loading={draft.saving}>
            {vendor.oauth ? t`Connect in the browser` : t`Check and connect`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type KeyFieldProps = { field: VendorField } & ReturnType<typeof fieldProps>;

function KeyField({ field, ...bound }: KeyFieldProps) {
  const { t } = useLingui();
  const words = {
    label: field.optional ? t`${field.label} (optional)` : field.label,
    description: field.help,
    required: !field.optional,
  };
  return field.secret ? <PasswordInput autoComplete="off" {...words} {...bound} /> : <FormField {...words} {...bound} />;
}
