/** Stock per location: on hand, promised, free. */
import { Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import type { LevelView } from "../../api";
import classes from "./inventory.module.css";
import { Quantity } from "./Quantity";

export function Levels({ levels }: { levels: LevelView[] }) {
  const { t } = useLingui();
  if (levels.length === 0) {
    return (
      <Text size="sm" c="var(--br-text-muted)">
        <Trans>None so far. Receive goods or count what is there.</Trans>
      </Text>
    );
  }
  return (
    <table className={classes.levels}>
      <thead>
        <tr>
          <th scope="col">{t`Location`}</th>
          <th scope="col">{t`On hand`}</th>
          <th scope="col">{t`Allocated`}</th>
          <th scope="col">{t`Available`}</th>
        </tr>
      </thead>
      <tbody>
        {levels.map((level) => (
          <tr key={level.location_id}>
            <th scope="row" title={level.location}>
              {level.location}
            </th>
            <td>
              <Quantity value={level.on_hand} />
            </td>
            <td>
              <Quantity value={level.allocated} />
            </td>
            <td>
              <Quantity value={level.available} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
