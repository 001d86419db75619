/** What the owner wants to happen: for one record, or for all that the list shows. Each choice says what it means. */
import { Button, Menu, Select, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconChevronDown } from "@tabler/icons-react";
import { type PlanAction, type PlanFilter, type PlanItemView, type PlanView, useChange } from "../../api";
import { notifyError } from "../../shared";
import classes from "./plan.module.css";

type Choice = { value: PlanAction; label: string; means: string };

function useChoices(): Choice[] {
  const { t } = useLingui();
  return [
    { value: "approve", label: t`Do it`, means: t`As shown. If somebody changes it before, it is left alone.` },
    { value: "approve_any", label: t`Do it anyway`, means: t`Even if somebody changes it before the sync comes to it.` },
    { value: "hold", label: t`Hold`, means: t`Leave both sides as they are. The next preview asks again.` },
    { value: "skip", label: t`Skip`, means: t`Leave both sides as they are until it changes again.` },
  ];
}

export function PlanDecide({ plan, item }: { plan: PlanView; item: PlanItemView }) {
  const { t } = useLingui();
  const decide = useChange("decidePlanItems", { onError: notifyError });
  // What may have arrived is found out in any case.
  const choices = useChoices().filter(({ value }) => item.action !== "find_out" || value === "approve");
  return (
    <Select
      aria-label={t`Decision for ${item.title}`}
      size="xs"
      data={choices.map(({ value, label }) => ({ value, label }))}
      renderOption={({ option }) => (
        <div>
          <div>{option.label}</div>
          <Text size="xs" className={classes.muted}>
            {choices.find(({ value }) => value === option.value)?.means}
          </Text>
        </div>
      )}
      comboboxProps={{ width: 280, position: "bottom-end" }}
      value={item.decision}
      allowDeselect={false}
      disabled={decide.isPending}
      onChange={(next) => next !== null && decide.mutate([plan.id, { ids: [item.id], filter: null }, next as PlanAction])}
    />
  );
}

/** Decides for everything the list shows, however much of it is loaded. */
export function PlanDecideAll({ plan, filter, count, pairs }: { plan: PlanView; filter: PlanFilter; count: number; pairs: boolean }) {
  const { t } = useLingui();
  const decide = useChange("decidePlanItems", { onError: notifyError });
  const single = useChoices().filter(({ value }) => value !== "approve_any");
  const choices: Choice[] = pairs
    ? [
        { value: "same", label: t`All are the same`, means: t`Each pair becomes one record.` },
        { value: "separate", label: t`All are separate`, means: t`Both records of each pair stay.` },
      ]
    : single;
  return (
    <Menu width={280}>
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />} loading={decide.isPending}>
          <Trans>Decide for all {count}</Trans>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(({ value, label, means }) => (
          <Menu.Item key={value} onClick={() => decide.mutate([plan.id, { ids: [], filter }, value])}>
            {label}
            <Text size="xs" className={classes.muted}>
              {means}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
