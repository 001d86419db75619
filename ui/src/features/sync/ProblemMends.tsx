/** What mends a problem right where it is told: another name, the next number, a choice of the connection. */
import { Button, Group, Select, TextInput } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { type ProblemRow, toAppError, useChange, useRead } from "../../api";
import { notifyDone, notifyError } from "../../shared";

/** Gives an invoice whose number is taken there the next free one. */
export function NextNumber({ id }: { id: string }) {
  const { t } = useLingui();
  const renumber = useChange("renumberInvoice", {
    onError: notifyError,
    onSuccess: ({ draft }) => notifyDone(t`It is invoice ${draft.number} now, and goes out with the next sync.`),
  });
  return (
    <Button variant="default" loading={renumber.isPending} onClick={() => renumber.mutate([id])}>
      {t`Use the next number`}
    </Button>
  );
}

/** Another name for a customer or an item, with one that the vendor takes as a start. */
export function OtherName({ problem }: { problem: ProblemRow }) {
  const { t } = useLingui();
  const [name, setName] = useState(problem.title.replace(/\s*[:\t\n]\s*/g, " - "));
  const rename = useChange("renameRecord", {
    onSuccess: () => notifyDone(t`It is “${name}” now, and goes out with the next sync.`),
  });
  if (problem.record_id === null) return null;
  const id = problem.record_id;
  const error = rename.error === null ? null : toAppError(rename.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate([problem.kind, id, name]);
  };
  return (
    <form onSubmit={submit}>
      <Group gap={8} align="flex-start" wrap="nowrap">
        <TextInput
          aria-label={t`Other name for ${problem.title}`}
          value={name}
          error={error === null ? undefined : (error.fields[0]?.reason ?? error.message)}
          onChange={(event) => setName(event.currentTarget.value)}
          w={220}
        />
        <Button variant="default" type="submit" loading={rename.isPending} disabled={name.trim() === "" || name.trim() === problem.title}>
          {t`Rename`}
        </Button>
      </Group>
    </form>
  );
}

/** What came in may be a payment that is here already: only the owner knows. */
export function SamePayment({ problem }: { problem: ProblemRow }) {
  const { t } = useLingui();
  const answer = useChange("answerSamePayment", { onError: notifyError });
  const chosen = answer.variables?.[1];
  const say = (same: boolean) =>
    answer.mutate([problem.id, same], { onSuccess: () => notifyDone(same ? t`Kept as one payment.` : t`Recorded as another payment.`) });
  return (
    <>
      <Button variant="default" loading={answer.isPending && chosen === true} disabled={answer.isPending} onClick={() => say(true)}>
        {t`It is the same payment`}
      </Button>
      <Button variant="default" loading={answer.isPending && chosen === false} disabled={answer.isPending} onClick={() => say(false)}>
        {t`Record another payment`}
      </Button>
    </>
  );
}

/** More arrived than was due: the rest becomes the customer's credit when the owner says so. */
export function RecordCredit({ problem }: { problem: ProblemRow }) {
  const { t } = useLingui();
  const answer = useChange("answerSamePayment", {
    onError: notifyError,
    onSuccess: () => notifyDone(t`Recorded as the customer's credit.`),
  });
  return (
    <Button variant="default" loading={answer.isPending} onClick={() => answer.mutate([problem.id, false])}>
      {t`Record as credit`}
    </Button>
  );
}

/** The setting that the vendor needs, chosen here. What was refused for want of it goes out again. */
export function ChooseSetting({ problem, setting }: { problem: ProblemRow; setting: string }) {
  const { t } = useLingui();
  const connection = useRead("listConnections", []).data?.find((known) => known.id === problem.connection_id);
  const fetch = useChange("refreshConnectionChoices", { onError: notifyError });
  const save = useChange("saveConnectionSetting", {
    onError: notifyError,
    onSuccess: () => notifyDone(t`Chosen. What waited for it goes out with the next sync.`),
  });
  const wanted = connection?.settings.find((known) => known.id === setting);
  if (!connection || !wanted) return null;
  if (wanted.options.length === 0) {
    return (
      <Button variant="default" loading={fetch.isPending} onClick={() => fetch.mutate([connection.id])}>
        {t`Fetch the choices from ${connection.vendor_name}`}
      </Button>
    );
  }
  return (
    <Select
      aria-label={wanted.label}
      placeholder={wanted.label}
      data={wanted.options.map(({ value, label }) => ({ value, label }))}
      value={wanted.value}
      allowDeselect={false}
      searchable
      disabled={save.isPending}
      onChange={(value) => save.mutate([connection.id, setting, value])}
      w={240}
    />
  );
}
