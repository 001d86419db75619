/** One record of a preview: a line that says what happens to it, which opens to its fields before and after. */
import { Text, UnstyledButton } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconChevronRight } from "@tabler/icons-react";
import { clsx } from "clsx";
import { useId } from "react";
import type { PlanItemView, PlanView } from "../../api";
import { Badge, FieldChanges, fieldWords, RecordLink, type ToldChange, toldChanges } from "../../shared";
import { kindIcons } from "./kindIcons";
import classes from "./plan.module.css";
import { PlanDecide } from "./PlanDecide";
import { amountOf, factsOf, isLeft, isNumberOnly } from "./planFacts";
import { PlanPair } from "./PlanPair";
import { actionBadge, actionSentence, outcomes } from "./planWords";
import { kindWords } from "./words";

const FEW_FIELDS = 3;

/** Whether a record is open before anybody touched it: where there is something to decide, and where little changes. */
export function opensItself(plan: PlanView, item: PlanItemView): boolean {
  if (plan.state !== "ready") return false;
  if (item.pair !== null || item.action === "conflict") return true;
  return item.action === "updated" && toldChanges(item.fields).length <= FEW_FIELDS;
}

type Props = { plan: PlanView; item: PlanItemView; open: boolean; onToggle: () => void };

export function PlanRow({ plan, item, open, onToggle }: Props) {
  const { t } = useLingui();
  const details = useId();
  const told = toldChanges(item.fields);
  const [tone, label] = actionBadge(item, told.length);
  const outcome = item.outcome === null ? null : outcomes[item.outcome];
  const { title, facts } = useLine(item, told);
  const Icon = kindIcons[item.kind];
  const kind = kindWords[item.kind];
  // Names of changed fields stand below once the row is open.
  const changes = item.action === "updated" || item.action === "conflict";
  const left = plan.state === "ready" && (item.decision === "hold" || item.decision === "skip");
  return (
    <article className={clsx(classes.item, open && classes.opened)} aria-label={item.title}>
      <div className={clsx(classes.row, left && classes.left)}>
        <UnstyledButton className={classes.toggle} aria-expanded={open} aria-controls={open ? details : undefined} onClick={onToggle}>
          <IconChevronRight size={14} className={clsx(classes.chevron, open && classes.turned)} aria-hidden />
          {Icon && (
            <span className={classes.kind} role="img" aria-label={kind ? t(kind) : fieldWords(item.kind)}>
              <Icon size={16} aria-hidden />
            </span>
          )}
          <span className={classes.title} title={item.title}>
            {title}
          </span>
          {!open && outcome !== null && isLeft(item.outcome) && <span className={classes.facts}>{t(outcome.why)}</span>}
          {!(open && changes) && !isLeft(item.outcome) && facts !== "" && <span className={classes.facts}>{facts}</span>}
        </UnstyledButton>
        <span className={classes.amount}>{amountOf(item)}</span>
        <span className={classes.action}>
          <Badge tone={outcome === null ? tone : "neutral"} label={label} />
        </span>
        <span className={classes.decision}>
          {plan.state === "ready" && <PlanDecide plan={plan} item={item} />}
          {outcome !== null && <Badge tone={outcome.tone} label={t(outcome.label)} />}
        </span>
      </div>
      {open && (
        <div id={details} className={classes.details}>
          <Details plan={plan} item={item} told={told} />
        </div>
      )}
    </article>
  );
}

/** Its name and what tells it from others. A vendor's own long number is no name where something better is known. */
function useLine(item: PlanItemView, told: ToldChange[]): { title: string; facts: string } {
  const facts = item.action === "updated" || item.action === "conflict" ? told.map(({ label }) => label) : factsOf(item);
  const [first, ...others] = facts;
  if (first !== undefined && item.action === "created" && isNumberOnly(item.title)) return { title: first, facts: others.join(" · ") };
  return { title: item.title, facts: facts.join(" · ") };
}

function Details({ plan, item, told }: { plan: PlanView; item: PlanItemView; told: ToldChange[] }) {
  const { t } = useLingui();
  const outcome = item.outcome === null ? null : outcomes[item.outcome];
  return (
    <>
      <Text size="sm" className={classes.muted}>
        {outcome === null || !isLeft(item.outcome) ? actionSentence(item) : t(outcome.why)}{" "}
        {item.record_id !== null && (
          <RecordLink kind={item.kind} id={item.record_id}>
            <Trans>Open the record</Trans>
          </RecordLink>
        )}
      </Text>
      {item.pair && <PlanPair plan={plan} item={item} pair={item.pair} />}
      {isNumberOnly(item.title) && (
        <Text size="xs" className={classes.muted}>
          {item.title}
        </Text>
      )}
      {item.action === "conflict" ? <BothSides item={item} told={told} /> : <FieldChanges fields={item.fields} />}
    </>
  );
}

/** Fields that both sides changed: neither value comes before the other. */
function BothSides({ item, told }: { item: PlanItemView; told: ToldChange[] }) {
  const { t } = useLingui();
  return (
    <table className={classes.both}>
      <thead>
        <tr>
          <th scope="col">{t`Field`}</th>
          <th scope="col">{t`Yours`}</th>
          <th scope="col">{item.vendor_name}</th>
        </tr>
      </thead>
      <tbody>
        {told.map(({ field, label, before, after }) => (
          <tr key={field}>
            <th scope="row">{label}</th>
            <td>{before ?? t`(empty)`}</td>
            <td>{after ?? t`(empty)`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
