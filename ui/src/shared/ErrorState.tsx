/** What happened, what was kept, what to do next. `ErrorState` fills a page or list, `ErrorNote` stands in a form. */
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type AppError, errorWords } from "../api";
import { sentence } from "./format";
import { useGo } from "./navigation";
import classes from "./states.module.css";

type Props = { error: AppError; onRetry?: () => void };

function ErrorStep({ error, onRetry }: Props) {
  const go = useGo();
  const { action } = errorWords[error.code];
  if (action === "sign_in" || action === "settings") {
    return (
      <Button variant="default" onClick={() => go("/settings/connections")}>
        <Trans>Open connections</Trans>
      </Button>
    );
  }
  if (onRetry === undefined || action === "fix_fields") return null;
  return (
    <Button variant="default" onClick={onRetry}>
      {action === "reload" ? <Trans>Load again</Trans> : <Trans>Try again</Trans>}
    </Button>
  );
}

function ErrorText({ error }: { error: AppError }) {
  const { t } = useLingui();
  return (
    <>
      {error.message !== "" && <Text size="sm">{sentence(error.message)}</Text>}
      <Text size="sm" c="var(--br-text-muted)">
        {error.hint === "" ? t(errorWords[error.code].text) : error.hint}
      </Text>
      {error.code === "bug" && error.requestId !== "" && (
        <Text size="xs" c="var(--br-text-muted)">
          <Trans>Reference: {error.requestId}</Trans>
        </Text>
      )}
    </>
  );
}

export function ErrorState({ error, onRetry }: Props) {
  const { t } = useLingui();
  return (
    <div className={classes.state} role="alert">
      <IconAlertTriangle size={24} className={classes.problem} aria-hidden />
      <Text fw={600}>{t(errorWords[error.code].title)}</Text>
      <ErrorText error={error} />
      <Group mt="xs">
        <ErrorStep error={error} {...(onRetry && { onRetry })} />
      </Group>
    </div>
  );
}

export function ErrorNote({ error, onRetry }: Props) {
  const { t } = useLingui();
  return (
    <Alert color="red" icon={<IconAlertTriangle size={16} />} title={t(errorWords[error.code].title)} role="alert">
      <Stack gap={4} align="flex-start">
        <ErrorText error={error} />
        <ErrorStep error={error} {...(onRetry && { onRetry })} />
      </Stack>
    </Alert>
  );
}
