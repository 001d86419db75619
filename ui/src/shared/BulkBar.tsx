/** What can be done with the selected rows; lies over the foot of the table, so that nothing moves. */
import { CloseButton, Group, Text } from "@mantine/core";
import { Plural, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import classes from "./DataTable.module.css";

export function BulkBar({ count, sums, onClear, children }: { count: number; sums?: ReactNode; onClear: () => void; children: ReactNode }) {
  const { t } = useLingui();
  return (
    <div className={classes.bulk} role="toolbar" aria-label={t`Selected rows`}>
      <Text size="sm" fw={500} aria-live="polite">
        <Plural value={count} one="# selected" other="# selected" />
      </Text>
      {sums}
      <Group gap="xs">{children}</Group>
      <CloseButton size="sm" aria-label={t`Clear selection`} onClick={onClear} />
    </div>
  );
}
