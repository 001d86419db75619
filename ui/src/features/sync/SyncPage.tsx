/** The views of the sync, named in the path; a run opens beside the list. */
import { Button } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { IconPlayerPause, IconPlayerPlay, IconRefresh, IconX } from "@tabler/icons-react";
import { useChange, useRead, useSyncNow } from "../../api";
import { ListPage, notifyError, PageHeader, planWaits, useGo, useLookedAt, useSearchParams, useSubPath, ViewTabs } from "../../shared";
import { AuditPage } from "./AuditPage";
import { ConnectionTroubles } from "./ConnectionTroubles";
import { OutboxList } from "./OutboxList";
import { PlanHeader, PlanPage } from "./PlanPage";
import { ProblemList } from "./ProblemList";
import { RunList } from "./RunList";
import { RunPanel } from "./RunPanel";
import { Comparing, RunProgress } from "./RunProgress";
import classes from "./sync.module.css";

const views = ["runs", "preview", "waiting", "problems", "audit"] as const;

export function SyncPage() {
  const { t } = useLingui();
  const go = useGo();
  const path = useSubPath();
  const [params, setParams] = useSearchParams();
  const status = useRead("syncStatus", []);
  const view = views.find((known) => known === path) ?? "runs";
  useLookedAt(view === "preview" || view === "problems" || view === "audit" ? view : null);
  const waiting = status.data?.waiting_count ?? 0;
  const problems = status.data?.problem_count ?? 0;
  const plans = useRead("syncPlans", []).data?.plans.filter(planWaits).length ?? 0;
  const openRun = view === "runs" ? (params.open ?? null) : null;
  return (
    <ListPage
      header={view === "preview" ? <PlanHeader /> : <SyncHeader />}
      tabs={
        <ViewTabs
          label={t`Views of the sync`}
          value={view}
          onChange={(next) => go(next === "runs" ? "/sync" : `/sync/${next}`)}
          views={[
            { value: "runs", label: t`Runs` },
            { value: "preview", label: t`Preview`, count: plans > 0 ? <span className={classes.count}>{plans}</span> : undefined },
            { value: "waiting", label: t`Waiting to be sent`, count: waiting > 0 ? <span className={classes.count}>{waiting}</span> : undefined },
            { value: "problems", label: t`Problems`, count: problems > 0 ? <span className={classes.problemCount}>{problems}</span> : undefined },
            { value: "audit", label: t`Audit` },
          ]}
        />
      }
      panel={openRun !== null && <RunPanel id={openRun} onClose={() => setParams({ open: undefined })} />}
    >
      {status.data?.comparing_with != null && <Comparing vendor={status.data.comparing_with} />}
      {view !== "preview" && <ConnectionTroubles listed={view === "problems"} />}
      {status.data?.open_run && <RunProgress run={status.data.open_run} />}
      {view === "runs" && <RunList openId={openRun} onOpen={(id) => setParams({ open: id }, { push: true })} />}
      {view === "preview" && <PlanPage />}
      {view === "waiting" && <OutboxList />}
      {view === "problems" && <ProblemList />}
      {view === "audit" && <AuditPage />}
    </ListPage>
  );
}

function SyncHeader() {
  const { t } = useLingui();
  const status = useRead("syncStatus", []);
  const sync = useSyncNow({ onError: notifyError });
  const cancel = useChange("cancelRun", { onError: notifyError });
  const pause = useChange("pauseSync", { onError: notifyError });
  const paused = status.data?.paused ?? false;
  const running = status.data?.open_run != null;
  return (
    <PageHeader
      title={t`Sync`}
      actions={
        <Button
          variant="default"
          leftSection={paused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />}
          loading={pause.isPending}
          onClick={() => pause.mutate([!paused])}
        >
          {paused ? t`Resume the timer` : t`Pause the timer`}
        </Button>
      }
      primary={
        running ? (
          <Button leftSection={<IconX size={14} aria-hidden />} loading={cancel.isPending} onClick={() => cancel.mutate([])}>
            {t`Cancel this run`}
          </Button>
        ) : (
          <Button
            leftSection={<IconRefresh size={14} aria-hidden />}
            loading={sync.isPending}
            disabled={status.data?.connections.length === 0}
            onClick={() => sync.mutate([null])}
          >
            {t`Start a run`}
          </Button>
        )
      }
    />
  );
}
