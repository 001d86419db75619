/**
 * What a sync would do, before it does it: every record field by field, both directions. The owner decides record by record or
 * for all that is shown; "Do this" then does just that.
 */
import { Button, Loader, SegmentedControl } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useLingui } from "@lingui/react/macro";
import { IconAlertTriangle, IconCircleCheck, IconEye, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { type PlanFilter, type PlanView, useChange, useRead } from "../../api";
import { EmptyState, ErrorState, formatList, notifyError, PageHeader, useGo, useSearchParams } from "../../shared";
import { PlanDecideAll } from "./PlanDecide";
import { everything } from "./planFacts";
import { PlanItems } from "./PlanItems";
import { PlanSummary } from "./PlanSummary";
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
      disabled={nobody}
      onClick={() => preview.mutate([null])}
    >
      {plan === null ? t`Preview the sync` : t`Preview again`}
    </Button>
  );
  if (preparing) {
    return (
      <PageHeader
        title={t`Sync`}
        actions={
          <Button variant="default" leftSection={<IconX size={14} aria-hidden />} loading={stop.isPending} onClick={() => stop.mutate([])}>
            {t`Stop the preview`}
          </Button>
        }
      />
    );
  }
  return <PageHeader title={t`Sync`} actions={ready && start} primary={ready ? <DoThis plan={plan} /> : start} />;
}

/** The primary button. For connections that still ask, the summary says whether later syncs go without a preview. */
function DoThis({ plan }: { plan: PlanView }) {
  const { t } = useLingui();
  const go = useGo();
  const [params] = useSearchParams();
  const run = useChange("runPlan", { onError: notifyError, onSuccess: () => go("/sync/preview", { plan: plan.id }) });
  const asks = plan.parts.some((part) => part.asks && part.error === null);
  const empty = plan.counts.incoming + plan.counts.outgoing === 0;
  if (empty && !asks) return null;
  return (
    <Button
      leftSection={<IconPlayerPlay size={14} aria-hidden />}
      loading={run.isPending}
      onClick={() => run.mutate([plan.id, asks && params.ask === undefined])}
    >
      {t`Do this`}
    </Button>
  );
}

export function PlanPage() {
  const { t } = useLingui();
  const go = useGo();
  const { list, plans, plan } = usePlan();
  const nobody = useRead("syncStatus", []).data?.connections.length === 0;
  if (list.error) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.data?.preparing === true && plan?.state !== "ready") {
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
        text={t`A preview lists every record a sync would change, field by field, in both directions. You say yes, hold or skip to each one.`}
        {...(nobody && { action: <Button onClick={() => go("/settings/connections")}>{t`Open connections`}</Button> })}
      />
    );
  }
  return <PlanBody key={plan.id} plan={plan} others={plans.filter((other) => other.id !== plan.id)} />;
}

type Filter = { value: string; label: string; count: number; filter: PlanFilter };

/** Which records can be looked at alone; those that there are none of are not offered. */
function useFilters(plan: PlanView, shown: string): Filter[] {
  const { t } = useLingui();
  const { incoming, outgoing, pairs, held, skipped, moved, waiting } = plan.counts;
  const all: Filter[] = [
    { value: "all", label: t`All`, count: incoming + outgoing, filter: everything },
    { value: "in", label: t`Coming in`, count: incoming, filter: { ...everything, direction: "in" } },
    { value: "out", label: t`Going out`, count: outgoing, filter: { ...everything, direction: "out" } },
    { value: "pairs", label: t`Pairs`, count: pairs, filter: { ...everything, pairs: true } },
    { value: "held", label: t`On hold`, count: held, filter: { ...everything, decision: "hold" } },
    { value: "skipped", label: t`Skipped`, count: skipped, filter: { ...everything, decision: "skip" } },
    { value: "moved", label: t`Moved meanwhile`, count: moved, filter: { ...everything, outcome: "moved" } },
    { value: "waits", label: t`Waiting`, count: waiting, filter: { ...everything, outcome: "waits" } },
  ];
  const one = incoming === 0 || outgoing === 0;
  return all.filter(({ value, count }) => value === shown || (count !== 0 && !(one && (value === "in" || value === "out"))));
}

function PlanBody({ plan, others }: { plan: PlanView; others: PlanView[] }) {
  const { t } = useLingui();
  const [shown, setShown] = useState("all");
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: summary, height } = useElementSize();
  const filters = useFilters(plan, shown);
  const { filter, count } = filters.find(({ value }) => value === shown) ?? { filter: everything, count: 0 };
  const empty = plan.counts.incoming + plan.counts.outgoing === 0;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region has to be reachable by key
    <div ref={scroller} className={classes.body} tabIndex={0} role="region" aria-label={t`Preview of the sync`}>
      <div ref={summary}>
        <PlanSummary plan={plan} others={others} onShow={setShown} />
      </div>
      {empty ? (
        <NothingToDo plan={plan} />
      ) : (
        <>
          <div className={classes.bar}>
            {filters.length > 1 && (
              <SegmentedControl
                aria-label={t`Show`}
                data={filters.map(({ value, label, count }) => ({
                  value,
                  label: (
                    <>
                      {label} <span className={classes.count}>{count}</span>
                    </>
                  ),
                }))}
                value={shown}
                onChange={setShown}
              />
            )}
            {plan.state === "ready" && count !== 0 && <PlanDecideAll plan={plan} filter={filter} count={count} pairs={shown === "pairs"} />}
          </div>
          <PlanItems plan={plan} filter={filter} scroller={scroller} above={height} />
        </>
      )}
    </div>
  );
}

/** Nothing differs, or nothing could be looked at: these must not look alike. */
function NothingToDo({ plan }: { plan: PlanView }) {
  const { t } = useLingui();
  if (plan.parts.length > 0 && plan.parts.every((part) => part.error !== null)) {
    return (
      <EmptyState
        icon={<IconAlertTriangle size={24} />}
        title={t`Nothing could be looked at`}
        text={t`So nobody knows what differs. Mend the connection, then preview again.`}
      />
    );
  }
  const seen = plan.parts.filter((part) => part.error === null).map((part) => part.vendor_name);
  const partly = seen.length > 0 && seen.length < plan.parts.length;
  return (
    <EmptyState
      icon={<IconCircleCheck size={24} />}
      title={partly ? t`Nothing to do with ${formatList(seen)}` : t`Both sides agree`}
      text={plan.state === "ready" ? t`A sync would change nothing, neither here nor there.` : t`There was nothing to do.`}
    />
  );
}
