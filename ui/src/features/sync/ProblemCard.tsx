/** One thing that needs the owner: the cause in plain words, what it means for the record, and every way out as a button. */
import { Button, Text } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle, IconHandStop } from "@tabler/icons-react";
import { useState } from "react";
import { type ProblemRow, useChange } from "../../api";
import { fieldWords, formatMoment, notifyDone, notifyError, RecordLink, recordPath, useConfirm, useGo } from "../../shared";
import { DropDialog } from "./DropDialog";
import { retriable } from "./problems";
import { ChooseSetting, NextNumber, OtherName, RecordCredit, SamePayment } from "./ProblemMends";
import classes from "./sync.module.css";
import { kindBefore, kindWords } from "./words";

export function ProblemCard({ problem }: { problem: ProblemRow }) {
  const { t } = useLingui();
  const kind = kindWords[problem.kind];
  const brake = problem.action === "release";
  const Icon = brake ? IconHandStop : IconAlertTriangle;
  const tries = problem.kind === "connection" ? 0 : problem.attempts;
  return (
    <article className={classes.problem} aria-label={problem.title}>
      <div className={classes.problemWords}>
        <div className={classes.problemHead}>
          <Icon size={16} aria-hidden />
          <Text fw={500} className={classes.problemTitle}>
            {problem.kind === "connection" ? `${problem.vendor_name} · ` : kindBefore(kind ? t(kind) : fieldWords(problem.kind), problem.title)}
            <RecordLink kind={problem.kind} id={problem.record_id}>
              {problem.title}
            </RecordLink>
          </Text>
        </div>
        <div className={classes.problemBody}>
          <Text size="sm">{problem.message}</Text>
          <Text size="sm" className={classes.muted}>
            {brake ? t`Nothing of it was done, so your records are as they were. Look at it first; or let it happen once, if that is what you want.` : problem.advice}
          </Text>
          {problem.outbox_id !== null && (
            <Text size="sm" className={classes.muted}>
              <Trans>It is safe on this computer and waits to be sent to {problem.vendor_name}.</Trans>
            </Text>
          )}
          {problem.vendor_text !== "" && (
            <div className={classes.vendorWords}>
              <Trans>
                {problem.vendor_name} says: {problem.vendor_text}
              </Trans>
            </div>
          )}
          {problem.detail !== "" && (
            <Text size="xs" className={classes.muted} mt={4}>
              <Trans>Details: {problem.detail}</Trans>
            </Text>
          )}
          <Text size="xs" className={classes.muted} mt={4}>
            <Trans>Since {formatMoment(problem.since)}</Trans>
            {tries > 0 && (
              <>
                {" · "}
                <Plural value={tries} one="tried once" other="tried # times" />
              </>
            )}
          </Text>
        </div>
      </div>
      <div className={classes.problemActions}>{brake ? <BrakeActions problem={problem} /> : <WaysOut problem={problem} />}</div>
    </article>
  );
}

/** A run that stopped because it would have changed too much: look at it, or let it happen once. */
function BrakeActions({ problem }: { problem: ProblemRow }) {
  const { t } = useLingui();
  const go = useGo();
  const confirm = useConfirm();
  const preview = useChange("planSync", { onError: notifyError, onSuccess: (plan) => go("/sync/preview", { plan: plan.id }) });
  const allow = useChange("releaseBrake", { onError: notifyError });
  const ask = async () => {
    const sure = await confirm({
      title: t`Let the sync do this once?`,
      text: t`${problem.message} Later syncs stop again before something this big, and the run can be undone.`,
      confirmLabel: t`Allow it once`,
      danger: true,
    });
    if (!sure) return;
    await allow.mutateAsync([problem.id]);
    notifyDone(t`The sync goes on.`);
  };
  return (
    <>
      <Button variant="default" loading={preview.isPending} onClick={() => preview.mutate([problem.connection_id])}>
        {t`See what would happen`}
      </Button>
      <Button variant="default" color="red" loading={allow.isPending} onClick={() => void ask().catch(() => undefined)}>
        {t`Allow it once…`}
      </Button>
    </>
  );
}

function WaysOut({ problem }: { problem: ProblemRow }) {
  const { t } = useLingui();
  const go = useGo();
  const { action } = problem;
  const record = problem.kind === "connection" ? null : recordPath(problem.kind, problem.record_id);
  const mends: Record<ProblemRow["action"], React.ReactNode> = {
    retry: null,
    edit_record: null,
    renumber: problem.kind === "invoice" && problem.record_id !== null && <NextNumber id={problem.record_id} />,
    rename: <OtherName problem={problem} />,
    sign_in: (
      <Button variant="default" onClick={() => go("/settings/connections", { signin: problem.connection_id })}>
        {t`Sign in again`}
      </Button>
    ),
    connection_settings:
      problem.setting === null ? (
        <Button variant="default" onClick={() => go("/settings/connections")}>{t`Open connections`}</Button>
      ) : (
        <ChooseSetting problem={problem} setting={problem.setting} />
      ),
    send_anew: <TryAgain problem={problem} label={t`Send it anew`} />,
    take_up: <TryAgain problem={problem} label={t`Take it up again`} />,
    same_payment: <SamePayment problem={problem} />,
    record_credit: <RecordCredit problem={problem} />,
    compare_again: <CompareAgain problem={problem} />,
    decide: null,
    release: null,
    dismiss: null,
  };
  const retries = retriable([problem]).length > 0;
  return (
    <>
      {mends[action]}
      {record && <Button variant="default" onClick={() => go(record.path, record.search)}>{t`Open the record`}</Button>}
      {retries && <TryAgain problem={problem} label={t`Try again`} />}
      {problem.outbox_id !== null && action !== "decide" && <DropOne id={problem.outbox_id} />}
      {problem.outbox_id === null && ["dismiss", "retry", "send_anew", "take_up", "record_credit", "compare_again"].includes(action) && <LetBe problem={problem} />}
    </>
  );
}

/** Takes the problem off the list; what is gone there, or back there, is left out. */
function LetBe({ problem }: { problem: ProblemRow }) {
  const { t } = useLingui();
  const dismiss = useChange("dismissProblem", { onError: notifyError });
  const leaves = ["send_anew", "take_up", "record_credit"].includes(problem.action);
  return (
    <Button variant="subtle" color="gray" loading={dismiss.isPending} onClick={() => dismiss.mutate([problem.id])}>
      {leaves ? t`Leave it out` : t`Dismiss`}
    </Button>
  );
}

function TryAgain({ problem, label }: { problem: ProblemRow; label: string }) {
  const { t } = useLingui();
  const retry = useChange("retryProblems", {
    onError: notifyError,
    onSuccess: () => notifyDone(t`Trying again…`),
  });
  return (
    <Button variant="default" loading={retry.isPending} onClick={() => retry.mutate([[problem.id]])}>
      {label}
    </Button>
  );
}

/** The next run compares both sides again; what agrees by then is taken off the list. */
function CompareAgain({ problem }: { problem: ProblemRow }) {
  const { t } = useLingui();
  const retry = useChange("retryProblems", {
    onError: notifyError,
    onSuccess: () => notifyDone(t`Comparing again…`),
  });
  return (
    <Button variant="default" loading={retry.isPending} onClick={() => retry.mutate([[problem.id]])}>
      {t`Compare again`}
    </Button>
  );
}

/** Takes the change off the queue, with a reason. */
function DropOne({ id }: { id: string }) {
  const { t } = useLingui();
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="subtle" color="gray" onClick={() => setOpened(true)}>
        {t`Don't send…`}
      </Button>
      {opened && <DropDialog rows={[{ id }]} onClose={() => setOpened(false)} onDone={() => undefined} />}
    </>
  );
}
