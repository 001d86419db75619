/** Undoing a run: what it would do record by record before it is done, and what it did or left afterwards. */
import { Button, Group, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useState } from "react";
import { type RunView, type UndoRecord, type UndoReport, useChange, useRead } from "../../api";
import { Badge, ErrorNote, FieldChanges, fieldWords, formatMoment, PanelSection, RecordLink, useSearchParams } from "../../shared";
import classes from "./sync.module.css";
import { kindBefore, kindWords, undoWords } from "./words";

export function UndoButton({ run }: { run: RunView }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<IconArrowBackUp size={14} aria-hidden />} onClick={() => setOpen(true)}>
        <Trans>Undo this run</Trans>
      </Button>
      {open && <UndoDialog run={run} onClose={() => setOpen(false)} />}
    </>
  );
}

function UndoDialog({ run, onClose }: { run: RunView; onClose: () => void }) {
  const { t } = useLingui();
  const [, setParams] = useSearchParams();
  const preview = useRead("previewUndo", [run.id], { fresh: true });
  const undo = useChange("undoRun", {
    onSuccess: (begun) => {
      onClose();
      setParams({ open: begun.id }, { push: true });
    },
  });
  const report = preview.data;
  return (
    <Modal opened onClose={onClose} title={t`Undo the run of ${formatMoment(run.started_at)}`} size="lg" centered zIndex={300}>
      <Stack gap="md">
        {preview.error && <ErrorNote error={preview.error} onRetry={() => void preview.refetch()} />}
        {preview.isPending && <Skeleton height={160} />}
        {report && (
          <>
            <Text size="sm">
              <Trans>
                Nothing happens until you press “Undo the run”. Then both sides are read once more, and what somebody changed since stays as it is.
                An undo is a run too and can be undone.
              </Trans>
            </Text>
            <UndoCounts report={report} done={false} />
            <UndoRecords report={report} />
          </>
        )}
        {undo.error && <ErrorNote error={undo.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button disabled={!report || report.change_count === 0} loading={undo.isPending} onClick={() => undo.mutate([run.id])}>
            <Trans>Undo the run</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** In the panel of a run that undid another one. */
export function UndoResult({ run }: { run: RunView }) {
  const { t } = useLingui();
  const result = useRead("getUndo", [run.id]);
  return (
    <PanelSection title={t`What was undone`}>
      {result.error && <ErrorNote error={result.error} onRetry={() => void result.refetch()} />}
      {result.data && (
        <>
          <Text size="sm" className={classes.muted}>
            <Trans>The run of {formatMoment(result.data.target.started_at)}</Trans>
          </Text>
          <UndoCounts
            report={result.data}
            done
            cutShort={run.state === "interrupted" || run.state === "cancelled" || run.state === "failed"}
            reading={run.state === "running"}
          />
          <UndoRecords report={result.data} />
        </>
      )}
    </PanelSection>
  );
}

type CountsProps = { report: UndoReport; done: boolean; cutShort?: boolean; reading?: boolean };

function UndoCounts({ report, done, cutShort, reading }: CountsProps) {
  if (report.records.length === 0) {
    return (
      <Text size="sm">
        {cutShort && <Trans>It ended before it had taken anything back.</Trans>}
        {reading && <Trans>The vendors are read first; nothing has been taken back yet.</Trans>}
        {!cutShort && !reading && <Trans>The run changed no record, so there is nothing to undo.</Trans>}
      </Text>
    );
  }
  if (done) {
    return (
      <Text size="sm" fw={500}>
        <Plural value={report.change_count} _0="Nothing went back" one="# record went back" other="# records went back" />
        {report.left_count > 0 && (
          <>
            {"; "}
            <Plural value={report.left_count} one="# stayed, wholly or in part" other="# stayed, wholly or in part" />
          </>
        )}
        {"."}
      </Text>
    );
  }
  return (
    <Text size="sm" fw={500}>
      <Plural value={report.change_count} _0="Nothing goes back" one="# record goes back" other="# records go back" />
      {report.left_count > 0 && (
        <>
          {"; "}
          <Plural value={report.left_count} one="# stays, wholly or in part" other="# stay, wholly or in part" />
        </>
      )}
      {"."}
    </Text>
  );
}

function UndoRecords({ report }: { report: UndoReport }) {
  return (
    <ol className={classes.changes}>
      {report.records.map((record) => (
        <UndoRow key={`${record.kind} ${record.record_id ?? record.title}`} record={record} />
      ))}
    </ol>
  );
}

function UndoRow({ record }: { record: UndoRecord }) {
  const { t } = useLingui();
  const kind = kindWords[record.kind];
  return (
    <li className={classes.change}>
      <div className={classes.changeHead}>
        <span className={classes.changeTitle}>
          {kindBefore(kind ? t(kind) : fieldWords(record.kind), record.title)}
          <RecordLink kind={record.kind} id={record.record_id}>
            {record.title}
          </RecordLink>
        </span>
        <Badge tone={record.outcome === "left" ? "warning" : "neutral"} label={t(undoWords[record.outcome])} />
      </div>
      {record.fields.length > 0 && <FieldChanges fields={record.fields} />}
      {record.reasons.map((reason) => (
        <Text key={reason} size="sm">
          {reason}
        </Text>
      ))}
      {record.waiting && record.outcome !== "left" && (
        <Text size="xs" className={classes.muted}>
          <Trans>Goes out with the undo.</Trans>
        </Text>
      )}
    </li>
  );
}
