/** A record of ours that may be the same one: how sure that is, why, and the owner's choice. */
import { SegmentedControl, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconUsersGroup } from "@tabler/icons-react";
import { type PairView, type PlanAction, type PlanItemView, type PlanView, useChange } from "../../api";
import { Badge, fieldWords, notifyError, RecordLink } from "../../shared";
import classes from "./plan.module.css";

export function PlanPair({ plan, item, pair }: { plan: PlanView; item: PlanItemView; pair: PairView }) {
  const { t } = useLingui();
  const decide = useChange("decidePlanItems", { onError: notifyError });
  return (
    <div className={classes.pair}>
      <Text size="sm" fw={500} className={classes.pairHead}>
        <IconUsersGroup size={16} aria-hidden />
        <span>
          <Trans>
            Perhaps the same as{" "}
            <RecordLink kind={item.kind === "charge" ? "payment" : item.kind} id={pair.record_id}>
              {pair.title}
            </RecordLink>{" "}
            here, {pair.score}% sure
          </Trans>
        </span>
      </Text>
      <table className={classes.both} aria-label={t`Why they may be the same`}>
        <thead>
          <tr>
            <th scope="col">{t`Field`}</th>
            <th scope="col">{t`Yours`}</th>
            <th scope="col">{item.vendor_name}</th>
            <th scope="col">{t`Found`}</th>
          </tr>
        </thead>
        <tbody>
          {pair.evidence.map(({ field, ours, theirs, exact }) => (
            <tr key={field}>
              <th scope="row">{fieldWords(field)}</th>
              <td>{ours}</td>
              <td>{theirs}</td>
              <td>
                <Badge tone={exact ? "good" : "neutral"} label={exact ? t`Same` : t`Similar`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {plan.state === "ready" && (
        <SegmentedControl
          aria-label={t`Is ${item.title} the same as ${pair.title}?`}
          data={[
            { value: "same", label: item.kind === "charge" ? t`It is the same payment` : t`The same: make them one` },
            { value: "separate", label: item.kind === "charge" ? t`Record another payment` : t`Two different ones: keep both` },
          ]}
          value={pair.same ? "same" : "separate"}
          disabled={decide.isPending}
          onChange={(next) => decide.mutate([plan.id, { ids: [item.id], filter: null }, next as PlanAction])}
        />
      )}
    </div>
  );
}
