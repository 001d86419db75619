/** One kind of record by day: counts and sums of both sides. Days that agree can be folded away. */
import { Button, Text } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { IconCheck } from "@tabler/icons-react";
import { clsx } from "clsx";
import { useState } from "react";
import type { AuditDay, AuditKind } from "../../api";
import { Amount, fieldWords, formatDay } from "../../shared";
import classes from "./audit.module.css";
import { kindGroups } from "./words";

const keyOf = (day: AuditDay) => `${day.day ?? ""} ${day.here_total?.currency ?? ""}`;
const stands = (day: AuditDay) => day.differs || day.open_count > 0 || day.waiting_count > 0;

export function AuditTable({ kind, vendor }: { kind: AuditKind; vendor: string }) {
  const { t } = useLingui();
  const [all, setAll] = useState(false);
  const words = kindGroups[kind.kind];
  const name = words ? t(words) : fieldWords(kind.kind);
  const dated = kind.days.some((day) => day.day !== null);
  const days = all || !dated ? kind.days : kind.days.filter(stands);
  const agrees = kind.open_count === 0 && !kind.days.some(stands);
  const hidden = kind.days.length - days.length;
  return (
    <div className={classes.kind}>
      <div className={classes.kindHead}>
        <Text fw={500} component="h3">
          {name}
        </Text>
        {agrees && <IconCheck size={14} className={classes.tick} role="img" aria-label={t`Agree`} />}
        <Text size="sm" className={classes.muted}>
          {t`${kind.here_count} here, ${kind.there_count} in ${vendor}`}
        </Text>
        {dated && (hidden > 0 || all) && (
          <Button variant="subtle" size="compact-xs" onClick={() => setAll(!all)}>
            {all ? t`Only days that differ` : t`Show all ${kind.days.length} days`}
          </Button>
        )}
      </div>
      {days.length > 0 && dated && (
        <table className={classes.table} aria-label={t`${name} by day`}>
          <thead>
            <tr>
              <th scope="col">{t`Day`}</th>
              <th scope="col">{t`Here`}</th>
              <th scope="col">{vendor}</th>
              <th scope="col">{t`Total here`}</th>
              <th scope="col">{t`Total in ${vendor}`}</th>
              <th scope="col">{t`On its way`}</th>
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={keyOf(day)} className={clsx(day.differs && classes.differs)}>
                <th scope="row">{formatDay(day.day)}</th>
                <td>{day.here_count}</td>
                <td>{day.there_count}</td>
                <td>
                  <Amount value={day.here_total} />
                </td>
                <td>
                  <Amount value={day.there_total} />
                </td>
                <td>{day.waiting_count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
