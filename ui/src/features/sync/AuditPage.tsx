/** The audit: what each side has, day by day, what is missing or different, and the button that mends it. */
import { Button, Select, Skeleton, Text } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconCircleCheck, IconScale } from "@tabler/icons-react";
import { useState } from "react";
import { type AuditConnection, type AuditFinding, type AuditView, type Data, useChange, useListResult, usePages, useRead } from "../../api";
import { Badge, EmptyState, ErrorState, fieldWords, formatDay, formatMoment, notifyDone, notifyError, useGo } from "../../shared";
import { AuditFindings } from "./AuditFindings";
import { AuditTable } from "./AuditTable";
import classes from "./audit.module.css";
import { kindWords } from "./words";

const rowsOf = (page: Data<"listAuditFindings">) => page.rows;

export function AuditPage() {
  const { t } = useLingui();
  const go = useGo();
  const view = useRead("auditView", []);
  const findings = useListResult(usePages("listAuditFindings", (cursor) => [cursor, 200]), rowsOf);
  if (view.error) return <ErrorState error={view.error} onRetry={() => void view.refetch()} />;
  if (!view.data) return <Skeleton height={160} m="md" />;
  const { connections } = view.data;
  if (connections.length === 0) {
    return (
      <EmptyState
        icon={<IconScale size={24} />}
        title={t`Nothing to compare with yet`}
        text={t`The audit counts what both sides have, day by day, and lists what is missing or different.`}
        action={<Button onClick={() => go("/settings/connections")}>{t`Open connections`}</Button>}
      />
    );
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region has to be reachable by key
    <div className={classes.page} tabIndex={0} role="region" aria-label={t`Audit`}>
      <CheckNow />
      {connections.map((connection) => (
        <Connection
          key={connection.connection_id}
          connection={connection}
          findings={findings.rows.filter((row) => row.connection_id === connection.connection_id)}
        />
      ))}
      {findings.hasMore && (
        <Button variant="default" mt="md" onClick={findings.loadMore}>
          <Trans>Show more differences</Trans>
        </Button>
      )}
    </div>
  );
}

/** Compares now, over a chosen span; by itself it happens once a week. */
function CheckNow() {
  const { t } = useLingui();
  const [days, setDays] = useState("30");
  const audit = useChange("auditNow", {
    onError: notifyError,
    onSuccess: (view) => notifyDone(said(view)),
  });
  const said = (view: AuditView) => {
    if (view.open_count > 0) return t`The audit found differences.`;
    if (view.connections.some((connection) => connection.error !== null)) return t`Not everything could be compared.`;
    return view.waiting_count === 0 ? t`All agree.` : t`All agree but for what is on its way.`;
  };
  const spans = [
    { value: "7", label: t`The last 7 days` },
    { value: "30", label: t`The last 30 days` },
    { value: "90", label: t`The last 90 days` },
    { value: "365", label: t`The last year` },
  ];
  return (
    <div className={classes.check}>
      <Select aria-label={t`Days to compare`} data={spans} value={days} allowDeselect={false} onChange={(value) => setDays(value ?? "30")} />
      <Button variant="default" loading={audit.isPending} onClick={() => audit.mutate([null, Number(days)])}>
        {t`Compare now`}
      </Button>
      <Text size="sm" c="var(--br-text-muted)" role="status">
        {audit.isPending ? (
          <Trans>Syncing, then comparing whole lists of both sides. This may take a minute.</Trans>
        ) : (
          <Trans>Syncs first, then compares whole lists of both sides. Nothing else is changed until you say so. It runs by itself every week.</Trans>
        )}
      </Text>
    </div>
  );
}

function Connection({ connection, findings }: { connection: AuditConnection; findings: AuditFinding[] }) {
  const { t } = useLingui();
  const { from_day: from, to_day: to, checked_at: checked, waiting_count: waiting } = connection;
  const kindName = (kind: string) => (kindWords[kind] ? t(kindWords[kind]) : fieldWords(kind));
  const left = connection.not_compared.map(kindName).join(", ");
  const agrees = checked !== null && connection.error === null && connection.open_count === 0;
  return (
    <section className={classes.connection} aria-label={connection.vendor_name}>
      <div className={classes.head}>
        <Text fw={600} component="h2">
          {connection.vendor_name} <span className={classes.muted}>{connection.account_name}</span>
        </Text>
        {agrees && (
          <span className={classes.agree}>
            <IconCircleCheck size={16} aria-hidden />{" "}
            {waiting === 0 ? t`All agree` : <Plural value={waiting} one="All agree but for # on its way" other="All agree but for # on their way" />}
          </span>
        )}
        {connection.open_count > 0 && <Badge tone="problem" label={t`Differences: ${connection.open_count}`} />}
      </div>
      <Text size="sm" className={classes.muted}>
        {checked === null ? t`Not compared yet.` : <Compared moment={checked} from={from} to={to} failed={connection.error !== null} />}
      </Text>
      {connection.error !== null && (
        <Text size="sm" className={classes.error}>
          {connection.error} <Trans>So it is not known whether both sides agree; nothing was changed.</Trans>
        </Text>
      )}
      {left !== "" && <Text size="sm" className={classes.muted}>{t`Not compared: ${left}.`}</Text>}
      {findings.length > 0 && <AuditFindings findings={findings} />}
      {connection.kinds.map((kind) => (
        <AuditTable key={kind.kind} kind={kind} vendor={connection.vendor_name} />
      ))}
    </section>
  );
}

/** When and what was compared, or that it could not be. */
function Compared({ moment, from, to, failed }: { moment: string; from: string | null; to: string | null; failed: boolean }) {
  if (failed) return <Trans>Tried {formatMoment(moment)}.</Trans>;
  return (
    <Trans>
      Compared {formatMoment(moment)}: {formatDay(from)} to {formatDay(to)}.
    </Trans>
  );
}
