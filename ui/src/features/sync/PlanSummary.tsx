/** What a preview is, how much of what it would do, and what "Do this" does; afterwards what became of it. */
import { Alert, Button, Checkbox, Loader, Text } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle, IconArrowDownLeft, IconArrowUpRight, IconHandStop, IconUsersGroup } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { type PlanView, useChange } from "../../api";
import { fieldWords, formatList, formatMoment, notifyError, planWaits, useGo, useSearchParams } from "../../shared";
import classes from "./plan.module.css";
import { everything, type PlanGroup, planGroups } from "./planFacts";
import { actionCounts } from "./planWords";
import { usePlanItems } from "./usePlanItems";
import { kindCount } from "./words";

type Props = { plan: PlanView; others: PlanView[]; onShow: (filter: string) => void };

export function PlanSummary({ plan, others, onShow }: Props) {
  const { t } = useLingui();
  const go = useGo();
  const discard = useChange("discardPlan", { onError: notifyError });
  const states = { ready: t`Waits for you`, running: t`Being done now`, done: t`Done` };
  const changes = plan.counts.incoming + plan.counts.outgoing > 0;
  return (
    <section className={classes.summary} aria-label={t`Summary of the preview`}>
      <div className={classes.line}>
        <Text component="h2" fw={600} className={classes.headline}>
          {plan.state === "running" && <Loader size={14} aria-hidden />}
          <Headline plan={plan} />
        </Text>
        {plan.state === "ready" && (
          <Button size="xs" variant="default" loading={discard.isPending} onClick={() => discard.mutate([plan.id])}>
            {t`Throw away`}
          </Button>
        )}
      </div>
      <Text size="xs" className={classes.muted}>
        {plan.state === "ready" && !planWaits(plan) ? (
          <Trans>Looked at {formatMoment(plan.created_at)}</Trans>
        ) : (
          <>
            {states[plan.state]} · <Trans>looked at {formatMoment(plan.created_at)}</Trans>
          </>
        )}
      </Text>
      {plan.state === "ready" && changes && <Explanation plan={plan} />}
      {plan.parts.map((part) => part.error !== null && <PartError key={part.connection_id} vendor={part.vendor_name} error={part.error} />)}
      {plan.state === "ready" && plan.parts.map((part) => part.brake !== null && <PartBrake key={part.connection_id} brake={part.brake} />)}
      {changes && <Groups plan={plan} />}
      {plan.state === "ready" ? <Choices plan={plan} onShow={onShow} /> : <Outcomes plan={plan} onShow={onShow} />}
      {others.length > 0 && (
        <div className={classes.others}>
          <Text size="xs" className={classes.muted}>
            <Trans>Other previews:</Trans>
          </Text>
          {others.map((other) => (
            <Button key={other.id} variant="subtle" size="compact-xs" onClick={() => go("/sync/preview", { plan: other.id })}>
              {other.parts.map((part) => part.vendor_name).join(", ")} · {states[other.state]} · {formatMoment(other.created_at)}
            </Button>
          ))}
        </div>
      )}
    </section>
  );
}

function Headline({ plan }: { plan: PlanView }) {
  const vendors = formatList(plan.parts.map((part) => part.vendor_name));
  if (plan.state === "running") return <Trans>The sync does now what you approved</Trans>;
  if (plan.state === "done") return <Trans>What became of the preview of {vendors}</Trans>;
  if (plan.parts.some((part) => part.asks)) return <Trans>Review the next {vendors} sync</Trans>;
  return <Trans>What a sync with {vendors} would do now</Trans>;
}

function Explanation({ plan }: { plan: PlanView }) {
  const { t } = useLingui();
  const [params, setParams] = useSearchParams();
  const vendors = formatList(plan.parts.map((part) => part.vendor_name));
  return (
    <>
      <Text size="sm" className={classes.explanation}>
        <Trans>
          Backroom tried the sync out on a copy. So far nothing was sent to {vendors} and nothing changed here. “Do this” does what is listed
          below and nothing else. What you hold or skip stays as it is on both sides.
        </Trans>
      </Text>
      {plan.parts.some((part) => part.asks) && (
        <Checkbox
          className={classes.asks ?? ""}
          size="sm"
          label={t`Sync without asking from now on`}
          description={t`Later syncs then go by themselves. A preview is there whenever you want one.`}
          checked={params.ask === undefined}
          onChange={(event) => setParams({ ask: event.currentTarget.checked ? undefined : "1" })}
        />
      )}
    </>
  );
}

function PartError({ vendor, error }: { vendor: string; error: string }) {
  const { t } = useLingui();
  const go = useGo();
  return (
    <Alert color="yellow" icon={<IconAlertTriangle size={16} />} title={t`Nothing of ${vendor} is in this preview`} mt="sm">
      <Text size="sm">
        {error} <Trans>What waits to be sent goes on waiting.</Trans>
      </Text>
      <Button mt="xs" size="xs" variant="default" onClick={() => go("/settings/connections")}>
        {t`Open connections`}
      </Button>
    </Alert>
  );
}

/** What would stop the sync without a look: those records are on hold until the owner says otherwise. */
function PartBrake({ brake }: { brake: string }) {
  const { t } = useLingui();
  return (
    <Alert color="yellow" icon={<IconHandStop size={16} />} title={t`This is more than a sync does without asking`} mt="sm">
      <Text size="sm">
        {brake} <Trans>These are on hold below. Look at them, and choose “Do it” only if that is what you want.</Trans>
      </Text>
    </Alert>
  );
}

/** How many records go which way; by kind once all of them are known. */
function Groups({ plan }: { plan: PlanView }) {
  const { t } = useLingui();
  const list = usePlanItems(plan.id, everything);
  const { incoming, outgoing } = plan.counts;
  if (!list.hasMore && !list.pending) {
    return (
      <div className={classes.groups}>
        {planGroups(list.rows).map((group) => (
          <Group
            key={group.key}
            incoming={group.direction === "in"}
            title={group.direction === "in" ? t`From ${group.vendor} to here` : t`From here to ${group.vendor}`}
            count={group.total}
          >
            <GroupCounts group={group} />
          </Group>
        ))}
      </div>
    );
  }
  return (
    <div className={classes.groups}>
      {incoming > 0 && <Group incoming title={t`Coming in`} count={incoming} />}
      {outgoing > 0 && <Group incoming={false} title={t`Going out`} count={outgoing} />}
    </div>
  );
}

function Group({ incoming, title, count, children }: { incoming: boolean; title: string; count: number; children?: ReactNode }) {
  const Arrow = incoming ? IconArrowDownLeft : IconArrowUpRight;
  return (
    <div className={classes.groupCard}>
      <div className={classes.groupHead}>
        <Arrow size={16} aria-hidden /> {title}
        <span className={classes.total}>
          <Plural value={count} one="# record" other="# records" />
        </span>
      </div>
      {children}
    </div>
  );
}

function GroupCounts({ group }: { group: PlanGroup }) {
  const { t } = useLingui();
  return (
    <dl className={classes.counts}>
      {group.actions.map(([action, kinds]) => (
        <div key={action}>
          <dt>{actionCounts[action] ? t(actionCounts[action]) : fieldWords(action)}</dt>
          <dd>{kinds.map(([kind, count]) => kindCount(kind, count)).join(", ")}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What still asks for a look, and what was left out. */
function Choices({ plan, onShow }: { plan: PlanView; onShow: (filter: string) => void }) {
  const { t } = useLingui();
  const { pairs, held, skipped } = plan.counts;
  return (
    <ul className={classes.notes}>
      {pairs > 0 && (
        <li>
          <IconUsersGroup size={16} aria-hidden />
          <Plural value={pairs} one="# record may be one that you have already." other="# records may be ones that you have already." />
          <Button size="compact-xs" variant="default" onClick={() => onShow("pairs")}>{t`Look at pairs`}</Button>
        </li>
      )}
      {held > 0 && (
        <li>
          <Plural value={held} one="# on hold: it stays as it is, and the next preview asks again." other="# on hold: they stay as they are, and the next preview asks again." />
        </li>
      )}
      {skipped > 0 && (
        <li>
          <Plural value={skipped} one="# skipped: it stays as it is until it changes again." other="# skipped: they stay as they are until they change again." />
        </li>
      )}
    </ul>
  );
}

/** What became of the records, each with its reason. */
function Outcomes({ plan, onShow }: { plan: PlanView; onShow: (filter: string) => void }) {
  const { t } = useLingui();
  const { done, held, skipped, moved, waiting } = plan.counts;
  const lines: [filter: string, count: number, words: ReactNode][] = [
    ["all", done, <Plural key="done" value={done} one="# was done as shown." other="# were done as shown." />],
    ["held", held, <Plural key="held" value={held} one="# is on hold. The next preview asks again." other="# are on hold. The next preview asks again." />],
    ["skipped", skipped, <Plural key="skipped" value={skipped} one="# was skipped. It is left until it changes again." other="# were skipped. They are left until they change again." />],
    [
      "moved",
      moved,
      <Plural
        key="moved"
        value={moved}
        one="# moved meanwhile: somebody changed it after you looked, so it was left alone. The next preview shows it as it is now."
        other="# moved meanwhile: somebody changed them after you looked, so they were left alone. The next preview shows them as they are now."
      />,
    ],
    ["waits", waiting, <Plural key="waits" value={waiting} one="# waits for another record or was not reached. It follows with the next sync." other="# wait for other records or were not reached. They follow with the next sync." />],
  ];
  return (
    <div role="status">
      <ul className={classes.notes}>
        {lines
          .filter(([, count]) => count > 0)
          .map(([filter, , words]) => (
            <li key={filter}>
              <span>{words}</span>
              {filter !== "all" && (
                <Button size="compact-xs" variant="default" onClick={() => onShow(filter)}>
                  {t`Show`}
                </Button>
              )}
            </li>
          ))}
      </ul>
    </div>
  );
}
