/**
 * All the window shows when the data file could not be opened: what happened, that nothing was changed, what helps.
 * The app behind it has no data to answer with, so nothing here asks it for anything.
 */
import { useLingui } from "@lingui/react/macro";
import { Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type Code, errorWords } from "../api";
import { useSearchParams } from "../shared";
import classes from "./CannotOpen.module.css";

function codeOf(text: string | undefined): Code {
  return text !== undefined && Object.hasOwn(errorWords, text) ? (text as Code) : "storage";
}

export function CannotOpen() {
  const { t } = useLingui();
  const [params] = useSearchParams();
  const words = errorWords[codeOf(params.code)];
  const message = (params.message ?? "").trim();
  return (
    <main className={classes.page}>
      <div className={classes.card} role="alert">
        <IconAlertTriangle size={24} className={classes.sign} aria-hidden />
        <Title order={1} size="h2">
          {t(words.title)}
        </Title>
        {message !== "" && <Text className={classes.message}>{message}</Text>}
        <Text c="var(--br-text-muted)">{t(words.text)}</Text>
        <Text size="sm" c="var(--br-text-muted)" className={classes.next}>
          {t`Close this window and start Backroom again once that is done.`}
        </Text>
      </div>
    </main>
  );
}
