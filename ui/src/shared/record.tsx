/** Parts of a record's panel: how it stands with each connection, and its history field by field. */
import { Anchor, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import type { FieldChange, HistoryEntry, RecordSync } from "../api";
import { SyncBadge } from "./badges";
import { fieldWords, toldChanges } from "./fieldText";
import { formatMoment } from "./format";
import { RecordLink } from "./navigation";
import classes from "./record.module.css";

export function SyncList({ sync }: { sync: RecordSync[] }) {
  if (sync.length === 0) {
    return (
      <Text size="sm" c="var(--br-text-muted)">
        <Trans>Only on this computer. Connect an account to share it.</Trans>
      </Text>
    );
  }
  return (
    <Stack gap={8}>
      {sync.map((entry) => (
        <div key={entry.connection_id}>
          <div className={classes.line}>
            <span className={classes.name}>{entry.vendor_name}</span>
            <SyncBadge state={entry.state} words />
          </div>
          {entry.problem !== null && (
            <Text size="sm" c="var(--br-problem)">
              {entry.problem}
            </Text>
          )}
          {entry.synced_at !== null && (
            <Text size="xs" c="var(--br-text-muted)">
              <Trans>Last agreed {formatMoment(entry.synced_at)}</Trans>
            </Text>
          )}
        </div>
      ))}
    </Stack>
  );
}

/** Fields before and after. */
export function FieldChanges({ fields }: { fields: FieldChange[] }) {
  const { t } = useLingui();
  const told = toldChanges(fields);
  if (told.length === 0) return null;
  return (
    <ul className={classes.changes}>
      {told.map(({ field, label, before, after }) => (
        <li key={field}>
          <span className={classes.muted}>{label}: </span>
          {before !== null && (
            <>
              <del aria-label={t`before`}>{before}</del> <span aria-hidden>→</span>{" "}
            </>
          )}
          <span>{after ?? t`(empty)`}</span>
        </li>
      ))}
    </ul>
  );
}

/** What happened, in a word. What an undo put back is not just another update. */
export function useActionWords(): (entry: Pick<HistoryEntry, "who" | "action">) => string {
  const { t } = useLingui();
  return ({ who, action }) => (who === "undo" && action === "updated" ? t`Undone` : fieldWords(action));
}

/** Who or what made a change, with a way to the run it was made in. */
export function Author({ who, run }: Pick<HistoryEntry, "who" | "run">) {
  const moment = formatMoment(run?.started_at ?? null);
  if (who === "owner") return <Trans>by you</Trans>;
  if (who === "undo") {
    if (run === null) return <Trans>by you, by undoing a run</Trans>;
    return (
      <Trans>
        by you, in the <RecordLink kind="run" id={run.id}>undo run of {moment}</RecordLink>
      </Trans>
    );
  }
  if (run === null) return <Trans>by {who}</Trans>;
  return (
    <Trans>
      by {who}, in the <RecordLink kind="run" id={run.id}>sync of {moment}</RecordLink>
    </Trans>
  );
}

/** What happened to a record, newest first. Each entry can be opened. */
export function HistoryList({ history, onOpen }: { history: HistoryEntry[]; onOpen: (entry: HistoryEntry) => void }) {
  const actionWords = useActionWords();
  return (
    <ol className={classes.history}>
      {history.map((entry) => (
        <li key={entry.id}>
          <div className={classes.entry}>
            <span>
              <Anchor component="button" type="button" inherit className={classes.name} onClick={() => onOpen(entry)}>
                {actionWords(entry)}
              </Anchor>{" "}
              <span className={classes.author}>
                <Author who={entry.who} run={entry.run} />
              </span>
            </span>
            <time className={classes.time} dateTime={entry.at}>
              {formatMoment(entry.at)}
            </time>
          </div>
          {entry.fields.length > 0 && <FieldChanges fields={entry.fields} />}
        </li>
      ))}
    </ol>
  );
}
