/** A record that both sides changed: each field with both values, and whose to keep. */
import { Button, Radio, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useId, useState } from "react";
import { type ConflictField, type ConflictSide, type ConflictView, useChange } from "../../api";
import { fieldValue, fieldWords, formatMoment, notifyDone, notifyError, RecordLink } from "../../shared";
import classes from "./conflict.module.css";
import { kindBefore, kindWords } from "./words";

type Choices = Record<string, ConflictSide>;

export function ConflictCard({ conflict }: { conflict: ConflictView }) {
  const { t } = useLingui();
  const resolve = useChange("resolveConflict", { onError: notifyError, onSuccess: () => notifyDone(t`Decided. What is yours is sent with the next sync.`) });
  const [chosen, setChosen] = useState<Choices>({});
  const kind = kindWords[conflict.kind];
  const decide = (side: (field: ConflictField) => ConflictSide) => {
    const choices = conflict.fields.map((field) => ({ field: field.field, side: side(field) }));
    resolve.mutate([conflict.connection_id, conflict.kind, conflict.record_id, choices]);
  };
  // Fields of one group are chosen together, so the choice is kept by group.
  const undecided = conflict.fields.filter((field) => chosen[field.group] === undefined).length;
  const several = new Set(conflict.fields.map((field) => field.group)).size > 1;
  return (
    <article className={classes.card} aria-label={conflict.title}>
      <Text fw={500}>
        {kindBefore(kind ? t(kind) : fieldWords(conflict.kind), conflict.title)}
        <RecordLink kind={conflict.kind} id={conflict.record_id}>
          {conflict.title}
        </RecordLink>
      </Text>
      <Text size="sm">
        <Trans>It was changed here and in {conflict.vendor_name}, differently. Nothing is lost: until you decide, each side stays as it is.</Trans>
      </Text>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t`Field`}</th>
            <th scope="col">{t`Yours`}</th>
            <th scope="col">{conflict.vendor_name}</th>
          </tr>
        </thead>
        <tbody>
          {conflict.fields.map((field) => (
            <FieldRow
              key={field.field}
              field={field}
              conflict={conflict}
              side={chosen[field.group]}
              onChoose={(side) => setChosen((old) => ({ ...old, [field.group]: side }))}
            />
          ))}
        </tbody>
      </table>
      <div className={classes.actions}>
        {several && (
          <Button variant="default" disabled={undecided > 0} loading={resolve.isPending} onClick={() => decide((field) => chosen[field.group] ?? "ours")}>
            {t`Keep what is chosen`}
          </Button>
        )}
        <Button variant="default" loading={resolve.isPending} onClick={() => decide(() => "ours")}>
          {t`Keep mine`}
        </Button>
        <Button variant="default" loading={resolve.isPending} onClick={() => decide(() => "theirs")}>
          {t`Take theirs`}
        </Button>
        <Text size="xs" c="var(--br-text-muted)">
          <Trans>Since {formatMoment(conflict.since)}</Trans>
        </Text>
      </div>
    </article>
  );
}

type RowProps = { field: ConflictField; conflict: ConflictView; side: ConflictSide | undefined; onChoose: (side: ConflictSide) => void };

function FieldRow({ field, conflict, side, onChoose }: RowProps) {
  const { t } = useLingui();
  const name = useId();
  const words = fieldWords(field.field);
  const by = field.ours_by === "owner" ? t`you` : (field.ours_by ?? "");
  const value = (text: string | null) => (text === null || text === "" ? t`(empty)` : fieldValue(field.field, text));
  return (
    <tr>
      <th scope="row">{words}</th>
      <td>
        <Radio
          name={name}
          checked={side === "ours"}
          onChange={() => onChoose("ours")}
          label={value(field.ours)}
          aria-label={t`${words}: keep yours, ${value(field.ours)}`}
          description={field.ours_at === null ? undefined : t`by ${by}, ${formatMoment(field.ours_at)}`}
        />
      </td>
      <td>
        <Radio
          name={name}
          checked={side === "theirs"}
          onChange={() => onChoose("theirs")}
          label={value(field.theirs)}
          aria-label={t`${words}: take theirs, ${value(field.theirs)}`}
          description={conflict.theirs_at === null ? undefined : formatMoment(conflict.theirs_at)}
        />
      </td>
    </tr>
  );
}
