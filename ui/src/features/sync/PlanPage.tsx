/**
 * What a sync would do, before it does it: every record field by field, both directions. The owner decides record by record or
 * for all that is shown; "Do this" then does just that.
 */
import { Button, Checkbox, Loader, Select, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconCircleCheck, IconEye, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { type PlanAction, type PlanFilter, type PlanView, useChange, useRead } from "../../api";
import { EmptyState, ErrorState, formatMoment, notifyError, PageHeader, useGo, useSearchParams } from "../../shared";
import { PlanItems } from "./PlanItems";
import classes from "./plan.module.css";

/** The plan on show: the one named in the address, else the newest. */
function usePlan() {
  const [params] = useSearchParams();
  const list = useRead("syncPlans", []);
  const plans = list.data?.plans ?? [];
  return { list, plans, plan: plans.find((plan) => plan.id === params.plan) ?? plans[0] ?? null };
}

export function PlanHeader() {
  const { t } = useLingui();
  const { list, plan } = usePlan();
  const [, setParams] = useSearchParams();
  const preview = useChange("planSync", { onError: notifyError, onSuccess: (made) => setParams({ plan: made.id }) });
  const stop = useChange("cancelRun", { onError: notifyError });
  const status = useRead("syncStatus", []);
  const preparing = list.data?.preparing === true || preview.isPending;
  const nobody = status.data?.connections.length === 0;
  const ready = plan?.state === "ready" && !preparing;
  const start = (
    <Button
      variant={ready ? "default" : "filled"}
      leftSection={<IconEye size={14} aria-hidden />}
      loading={preparing}
      disabled={nobody}
      onClick={() => preview.mutate([null])}
    >
      {plan === null ? t`Preview the sync` : t`Preview again`}
    </Button>
  );
  return (
    <PageHeader
      title={t`Sync`}
      actions={
        <>
          {preparing && (
            <Button variant="default" leftSection={<IconX size={14} aria-hidden />} loading={stop.isPending} onClick={() => stop.mutate([])}>
              {t`Stop the preview`}
            </Button>
          )}
          {ready && start}
        </>
      }
      primary={ready ? <DoThis plan={plan} /> : start}
    />
  );
}

/** The primary button; beside it, for connections that still ask, whether later syncs go without a preview. */
function DoThis({ plan }: { plan: PlanView }) {
  const { t } = useLingui();
  const go = useGo();
  const [withoutAsking, setWithoutAsking] = useState(true);
  const run = useChange("runPlan", { onError: notifyError, onSuccess: () => go("/sync/preview", { plan: plan.id }) });
  const asks = plan.parts.some((part) => part.asks);
  const empty = plan.counts.incoming + plan.counts.outgoing === 0;
  if (empty && !asks) return null;
  return (
    <>
      {asks && (
        <Checkbox
          label={t`Sync without asking from now on`}
          checked={withoutAsking}
          onChange={(event) => setWithoutAsking(event.currentTarget.checked)}
        />
      )}
      <Button leftSection={<IconPlayerPlay size={14} aria-hidden />} loading={run.isPending} onClick={() => run.mutate([plan.id, asks && withoutAsking])}>
        {t`Do this`}
      </Button>
    </>
  );
}

export function PlanPage() {
  const { t } = useLingui();
  const { list, plans, plan } = usePlan();
  if (list.error) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.data?.preparing === true && plan === null) {
    return (
      <EmptyState
        icon={<Loader size={24} />}
        title={t`Looking at both sides`}
        text={t`The sync is tried out on a copy. Nothing is sent and nothing changes here.`}
      />
    );
  }
  if (plan === null) {
    return (
      <EmptyState
        icon={<IconEye size={24} />}
        title={t`See a sync before it happens`}
        text={t`A preview lists every record a sync would change, field by field, in both directions. You approve, hold or skip each one.`}
      />
    );
  }
  return <PlanBody key={plan.id} plan={plan} others={plans.filter((other) => other.id !== plan.id)} />;
}

const everything: PlanFilter = { direction: null, kind: null, decision: null, outcome: null, pairs: false };

function PlanBody({ plan, others }: { plan: PlanView; others: PlanView[] }) {
  const { t } = useLingui();
  const [shown, setShown] = useState("all");
  const filters: Record<string, { label: string; filter: PlanFilter }> = {
    all: { label: t`All records`, filter: everything },
    in: { label: t`Coming in`, filter: { ...everything, direction: "in" } },
    out: { label: t`Going out`, filter: { ...everything, direction: "out" } },
    pairs: { label: t`Possible pairs`, filter: { ...everything, pairs: true } },
    hold: { label: t`On hold`, filter: { ...everything, decision: "hold" } },
    skip: { label: t`Skipped`, filter: { ...everything, decision: "skip" } },
    ...(plan.state === "ready" ? {} : { moved: { label: t`Moved meanwhile`, filter: { ...everything, outcome: "moved" as const } } }),
  };
  const filter = filters[shown]?.filter ?? everything;
  const empty = plan.counts.incoming + plan.counts.outgoing === 0;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region has to be reachable by key
    <div className={classes.body} tabIndex={0} role="region" aria-label={t`Preview of the sync`}>
      <Summary plan={plan} others={others} />
      {empty ? (
        <EmptyState icon={<IconCircleCheck size={24} />} title={t`Both sides agree`} text={t`A sync would change nothing, neither here nor there.`} />
      ) : (
        <>
          <div className={classes.bar}>
            <Select
              aria-label={t`Show`}
              data={Object.entries(filters).map(([value, { label }]) => ({ value, label }))}
              value={shown}
              onChange={(next) => setShown(next ?? "all")}
              allowDeselect={false}
              w={180}
            />
            {plan.state === "ready" && <BulkActions plan={plan} filter={filter} pairs={shown === "pairs"} />}
          </div>
          <PlanItems plan={plan} filter={filter} />
        </>
      )}
    </div>
  );
}

function Summary({ plan, others }: { plan: PlanView; others: PlanView[] }) {
  const { t } = useLingui();
  const go = useGo();
  const { counts } = plan;
  const discard = useChange("discardPlan", { onError: notifyError });
  const states = { ready: t`Waits for you`, running: t`Being done now`, done: t`Done` };
  return (
    <section className={classes.summary} aria-label={t`Summary of the preview`}>
      <div className={classes.line}>
        <Text fw={500}>
          {states[plan.state]} · <Trans>looked at {formatMoment(plan.created_at)}</Trans>
        </Text>
        {plan.state === "ready" && (
          <Button variant="subtle" color="gray" loading={discard.isPending} onClick={() => discard.mutate([plan.id])}>
            {t`Discard`}
          </Button>
        )}
      </div>
      <Text size="sm" className={classes.counts}>
        <Trans>
          {counts.incoming} coming in · {counts.outgoing} going out · {counts.pairs} possible pairs
        </Trans>
        {" · "}
        {plan.state === "ready" ? (
          <Trans>
            {counts.approved} approved · {counts.held} on hold · {counts.skipped} skipped
          </Trans>
        ) : (
          <Trans>
            {counts.done} done · {counts.held} on hold · {counts.skipped} skipped · {counts.waiting} waiting
          </Trans>
        )}
      </Text>
      {counts.moved > 0 && (
        <Text size="sm" className={classes.moved} role="status">
          <Trans>{counts.moved} moved after you looked. They were left as they are and are in the next preview.</Trans>
        </Text>
      )}
      {plan.parts.map((part) =>
        part.error === null ? null : (
          <Text key={part.connection_id} size="sm" className={classes.error}>
            {part.vendor_name}: {part.error}
          </Text>
        ),
      )}
      {others.map((other) => (
        <Button key={other.id} variant="subtle" size="compact-sm" onClick={() => go("/sync/preview", { plan: other.id })}>
          {other.parts.map((part) => part.vendor_name).join(", ")} · {states[other.state]} · {formatMoment(other.created_at)}
        </Button>
      ))}
    </section>
  );
}

/** Decisions for everything the list shows, however much of it is loaded. */
function BulkActions({ plan, filter, pairs }: { plan: PlanView; filter: PlanFilter; pairs: boolean }) {
  const { t } = useLingui();
  const decide = useChange("decidePlanItems", { onError: notifyError });
  const actions: [PlanAction, string][] = pairs
    ? [
        ["same", t`All are the same`],
        ["separate", t`All are separate`],
      ]
    : [
        ["approve", t`Approve all shown`],
        ["hold", t`Hold all shown`],
        ["skip", t`Skip all shown`],
      ];
  return (
    <div className={classes.bulk} role="toolbar" aria-label={t`For all shown`}>
      {actions.map(([action, label]) => (
        <Button key={action} variant="default" disabled={decide.isPending} onClick={() => decide.mutate([plan.id, { ids: [], filter }, action])}>
          {label}
        </Button>
      ))}
    </div>
  );
}
