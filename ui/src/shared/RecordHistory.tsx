/**
 * A record's history, page by page. Its entries open: all fields as of then beside those of now, and a button that brings them
 * back, or the reason why not.
 */
import { Button, Group, Modal, Skeleton, Stack, Table, Text } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { type HistoryEntry, type RecordVersion, useChange, usePages, useRead } from "../api";
import { ErrorNote } from "./ErrorState";
import { fieldValue, fieldWords } from "./fieldText";
import { formatMoment } from "./format";
import { notifyDone } from "./notify";
import { Author, HistoryList, useActionWords } from "./record";
import classes from "./record.module.css";

const PAGE_ENTRIES = 20;

type Props = {
  kind: "customer" | "item" | "order" | "invoice" | "payment" | "shipment";
  id: string;
  /** The version on show; a newer one is not overwritten. Payments and parcels have none: they are never brought back. */
  version?: number | null;
  /** Its newest entries as the record's view brings them, on show until the pages are there. */
  history?: HistoryEntry[];
};

export function RecordHistory({ kind, id, version = null, history = [] }: Props) {
  const [open, setOpen] = useState<number | null>(null);
  const pages = usePages("listHistory", (cursor) => [kind, id, cursor, PAGE_ENTRIES], { keepPrevious: false });
  const entries = pages.data?.pages.flatMap((page) => page.rows) ?? history;
  return (
    <>
      <HistoryList history={entries} onOpen={(entry) => setOpen(entry.id)} />
      {pages.isPending && entries.length === 0 && <Skeleton height={24} />}
      {pages.error && <ErrorNote error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.hasNextPage && (
        <Button variant="subtle" size="xs" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          <Trans>Show more</Trans>
        </Button>
      )}
      {open !== null && <VersionDialog kind={kind} id={id} version={version} historyId={open} onClose={() => setOpen(null)} />}
    </>
  );
}

type DialogProps = Required<Pick<Props, "kind" | "id" | "version">> & { historyId: number; onClose: () => void };

function VersionDialog({ kind, id, version, historyId, onClose }: DialogProps) {
  const { t } = useLingui();
  const read = useRead("getRecordVersion", [kind, id, historyId]);
  const restore = useChange("restoreRecordVersion", {
    onSuccess: () => {
      notifyDone(t`The earlier state is back`);
      onClose();
    },
  });
  const then = read.data;
  return (
    <Modal opened onClose={onClose} title={then ? t`As of ${formatMoment(then.at)}` : t`Earlier state`} size="lg" centered zIndex={300}>
      <Stack gap="md">
        {read.error && <ErrorNote error={read.error} onRetry={() => void read.refetch()} />}
        {read.isPending && <Skeleton height={160} />}
        {then && <VersionFields then={then} />}
        {restore.error && <ErrorNote error={restore.error} />}
        <Group justify="flex-end" gap="xs" className={classes.dialogActions ?? ""}>
          <Button variant="default" onClick={onClose}>
            <Trans>Close</Trans>
          </Button>
          <Button
            disabled={then === undefined || then.refusal !== null || then.fields.every((field) => field.then === field.now)}
            loading={restore.isPending}
            onClick={() => restore.mutate([kind, id, historyId, version ?? 0])}
          >
            <Trans>Bring back</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** The fields that are different now; the others on demand. */
function VersionFields({ then }: { then: RecordVersion }) {
  const { t } = useLingui();
  const actionWords = useActionWords();
  const [all, setAll] = useState(false);
  const value = (field: string, text: string | null) => (text === null || text === "" ? t`(empty)` : fieldValue(field, text));
  const differing = then.fields.filter((field) => field.then !== field.now);
  const same = then.fields.length - differing.length;
  const shown = all ? then.fields : differing;
  return (
    <>
      <Text size="sm">
        {actionWords(then)}{" "}
        <span className={classes.muted}>
          <Author who={then.who} run={then.run} />
        </span>
      </Text>
      <Text size="sm" className={classes.muted}>
        {then.refusal ?? (
          <Trans>Bringing it back makes the record what it was then. That is one more change: it goes out with the next sync, and the history stays.</Trans>
        )}
      </Text>
      {shown.length > 0 && (
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t`Field`}</Table.Th>
              <Table.Th>{t`Then`}</Table.Th>
              <Table.Th>{t`Now`}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((field) => (
              <Table.Tr key={field.field} className={field.then === field.now ? classes.muted : classes.name}>
                <Table.Td>{fieldWords(field.field)}</Table.Td>
                <Table.Td>{value(field.field, field.then)}</Table.Td>
                <Table.Td>{field.then === field.now ? t`the same` : value(field.field, field.now)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {same > 0 && (
        <Button variant="subtle" size="compact-xs" className={classes.more} onClick={() => setAll(!all)}>
          {all ? <Trans>Only what is different now</Trans> : <Plural value={same} one="Show # field that is the same" other="Show # fields that are the same" />}
        </Button>
      )}
    </>
  );
}
