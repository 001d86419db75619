/** The records of a preview, grouped by where they go: before and after of each field, and what is to happen with it. */
import { Button, Select, Skeleton, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Fragment } from "react";
import {
  type Data,
  type PairView,
  type PlanAction,
  type PlanFilter,
  type PlanItemView,
  type PlanOutcome,
  type PlanView,
  useChange,
  useListResult,
  usePages,
} from "../../api";
import { Badge, ErrorState, FieldChanges, fieldWords, notifyError, RecordLink, type Tone } from "../../shared";
import classes from "./plan.module.css";
import { kindBefore, kindWords } from "./words";

const rowsOf = (page: Data<"listPlanItems">) => page.rows;

const actionWords: Record<string, MessageDescriptor> = {
  created: msg`New`,
  updated: msg`Changes`,
  voided: msg`Void or archive`,
  deleted: msg`Deleted there`,
  linked: msg`The same on both sides`,
  conflict: msg`Changed on both sides`,
  deleted_there: msg`Deleted there, changed here`,
  find_out: msg`No answer came; find out first`,
};

const outcomeWords: Record<PlanOutcome, [Tone, MessageDescriptor]> = {
  done: ["good", msg`Done`],
  held: ["neutral", msg`On hold`],
  skipped: ["neutral", msg`Skipped`],
  moved: ["warning", msg`Moved meanwhile`],
  waits: ["warning", msg`Waits`],
  nothing: ["neutral", msg`Nothing left to do`],
};

const groupOf = (item: PlanItemView) => `${item.connection_id} ${item.direction}`;

export function PlanItems({ plan, filter }: { plan: PlanView; filter: PlanFilter }) {
  const { t } = useLingui();
  const pages = usePages("listPlanItems", (cursor) => [plan.id, filter, cursor, 50]);
  const list = useListResult(pages, rowsOf);
  if (list.error) return <ErrorState error={list.error} onRetry={list.retry} />;
  if (list.pending) return <Skeleton height={96} m="md" />;
  if (list.rows.length === 0) {
    return (
      <Text p="md" size="sm" className={classes.muted}>
        <Trans>None of the records is of this kind.</Trans>
      </Text>
    );
  }
  return (
    <>
      {list.rows.map((item, index) => {
        const before = list.rows[index - 1];
        const first = before === undefined || groupOf(before) !== groupOf(item);
        return (
          <Fragment key={item.id}>
            {first && (
              <h2 className={classes.group}>{item.direction === "in" ? t`From ${item.vendor_name}` : t`To ${item.vendor_name}`}</h2>
            )}
            <Item plan={plan} item={item} />
          </Fragment>
        );
      })}
      {list.hasMore && (
        <Button variant="default" mt="md" loading={pages.isFetchingNextPage} onClick={list.loadMore}>
          <Trans>Show more</Trans>
        </Button>
      )}
    </>
  );
}

function Item({ plan, item }: { plan: PlanView; item: PlanItemView }) {
  const { t } = useLingui();
  const kind = kindWords[item.kind];
  const action = actionWords[item.action];
  return (
    <article className={classes.item} aria-label={item.title}>
      <div>
        <Text fw={500} className={classes.title}>
          {kindBefore(kind ? t(kind) : fieldWords(item.kind), item.title)}
          <RecordLink kind={item.kind} id={item.record_id}>
            {item.title}
          </RecordLink>{" "}
          <span className={classes.muted}>{action ? t(action) : fieldWords(item.action)}</span>
        </Text>
        {item.fields.length > 0 && <FieldChanges fields={item.fields} />}
        {item.pair && <Pair plan={plan} item={item} pair={item.pair} />}
      </div>
      {plan.state === "ready" ? <Decision plan={plan} item={item} /> : <Outcome outcome={item.outcome} />}
    </article>
  );
}

function Outcome({ outcome }: { outcome: PlanOutcome | null }) {
  const { t } = useLingui();
  if (outcome === null) return null;
  const [tone, words] = outcomeWords[outcome];
  return (
    <div>
      <Badge tone={tone} label={t(words)} />
    </div>
  );
}

function Decision({ plan, item }: { plan: PlanView; item: PlanItemView }) {
  const { t } = useLingui();
  const decide = useChange("decidePlanItems", { onError: notifyError });
  return (
    <Select
      aria-label={t`Decision for ${item.title}`}
      data={[
        { value: "approve", label: t`Do it` },
        { value: "approve_any", label: t`Do it, whatever comes` },
        { value: "hold", label: t`Hold` },
        { value: "skip", label: t`Skip` },
      ]}
      value={item.decision}
      allowDeselect={false}
      disabled={decide.isPending}
      onChange={(next) => next !== null && decide.mutate([plan.id, { ids: [item.id], filter: null }, next as PlanAction])}
      w={190}
    />
  );
}

/** A record of ours that may be the same one, how sure that is, and why. */
function Pair({ plan, item, pair }: { plan: PlanView; item: PlanItemView; pair: PairView }) {
  const { t } = useLingui();
  const decide = useChange("decidePlanItems", { onError: notifyError });
  return (
    <div className={classes.pair}>
      <Text size="sm">
        <Trans>
          Perhaps the same as{" "}
          <RecordLink kind={item.kind} id={pair.record_id}>
            {pair.title}
          </RecordLink>{" "}
          here, {pair.score}% sure
        </Trans>
      </Text>
      <ul className={classes.evidence}>
        {pair.evidence.map(({ field, ours, theirs, exact }) => (
          <li key={field}>
            {exact ? t`Same ${fieldWords(field)}` : t`Similar ${fieldWords(field)}`}: {ours} · {theirs}
          </li>
        ))}
      </ul>
      {plan.state === "ready" && (
        <Select
          aria-label={t`Is ${item.title} the same as ${pair.title}?`}
          data={[
            { value: "same", label: t`The same: make them one` },
            { value: "separate", label: t`Separate: keep both` },
          ]}
          value={pair.same ? "same" : "separate"}
          allowDeselect={false}
          disabled={decide.isPending}
          onChange={(next) => next !== null && decide.mutate([plan.id, { ids: [item.id], filter: null }, next as PlanAction])}
          w={220}
        />
      )}
    </div>
  );
}
