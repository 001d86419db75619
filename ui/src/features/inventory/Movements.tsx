/** The item's movements, newest first, a page at a time. */
import { Button, Skeleton, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { type MovementRow, type Page, useListResult, usePages } from "../../api";
import { ErrorNote, formatMoment, formatQuantity } from "../../shared";
import classes from "./inventory.module.css";
import { movementWords } from "./kinds";

const PAGE_ROWS = 20;
const rowsOf = (page: Page<MovementRow>) => page.rows;

export function Movements({ itemId }: { itemId: string }) {
  const pages = usePages("listMovements", (cursor) => [itemId, cursor, PAGE_ROWS], { keepPrevious: false });
  const list = useListResult(pages, rowsOf);
  if (list.error && list.rows.length === 0) return <ErrorNote error={list.error} onRetry={list.retry} />;
  if (list.pending) return <Skeleton height={64} />;
  if (list.rows.length === 0) {
    return (
      <Text size="sm" c="var(--br-text-muted)">
        <Trans>Nothing has moved yet.</Trans>
      </Text>
    );
  }
  return (
    <>
      <ul className={classes.movements}>
        {list.rows.map((row) => (
          <Movement key={row.id} row={row} />
        ))}
      </ul>
      {list.hasMore && (
        <Button size="xs" variant="default" loading={pages.isFetchingNextPage} onClick={list.loadMore}>
          <Trans>Show earlier</Trans>
        </Button>
      )}
    </>
  );
}

function Movement({ row }: { row: MovementRow }) {
  const { t } = useLingui();
  const signed = row.quantity.startsWith("-") ? formatQuantity(row.quantity) : `+${formatQuantity(row.quantity)}`;
  return (
    <li className={classes.movement}>
      <span className={classes.what}>
        {t(movementWords[row.kind])}
        <span className={classes.quiet}> · {row.location}</span>
      </span>
      <span className={classes.quantity}>{signed}</span>
      <span className={classes.note} title={row.note}>
        {formatMoment(row.at)}
        {row.note !== "" && ` · ${row.note}`}
      </span>
      <span className={classes.after}>{t`${formatQuantity(row.on_hand_after)} on hand`}</span>
    </li>
  );
}
