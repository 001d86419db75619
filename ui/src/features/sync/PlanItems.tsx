/** The records of a preview below headings of where they go and what they are. Only the rows in sight are in the document. */
import { Box, Skeleton, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { PlanFilter, PlanItemView, PlanView } from "../../api";
import { ErrorState, fieldWords } from "../../shared";
import classes from "./plan.module.css";
import { type PlanLine, planLines } from "./planFacts";
import { opensItself, PlanRow } from "./PlanRow";
import { usePlanItems } from "./usePlanItems";
import { kindGroups } from "./words";

const LINE_PX: Record<PlanLine["type"], number> = { group: 48, kind: 28, item: 41 };
const LOAD_AHEAD = 40;

type Props = {
  plan: PlanView;
  filter: PlanFilter;
  scroller: RefObject<HTMLDivElement | null>;
  /** Height of what stands above the list; where the list begins moves with it. */
  above: number;
};

export function PlanItems({ plan, filter, scroller, above }: Props) {
  const list = usePlanItems(plan.id, filter);
  const { hasMore, loadMore, rows } = list;
  const lines = useMemo(() => planLines(rows, !hasMore), [rows, hasMore]);
  const [opened, setOpened] = useState<Record<string, boolean>>({});
  const { frame, virtualizer, margin } = useLines({ lines, scroller, key: list.key, above, shown: !list.pending });
  const visible = virtualizer.getVirtualItems();
  const last = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= lines.length - LOAD_AHEAD) loadMore();
  });
  if (list.error) return <ErrorState error={list.error} onRetry={list.retry} />;
  if (list.pending) return <Skeleton height={96} m="md" />;
  if (rows.length === 0) {
    return (
      <Text p="md" size="sm" className={classes.muted}>
        <Trans>None of the records is of this kind.</Trans>
      </Text>
    );
  }
  const isOpen = (item: PlanItemView) => opened[item.id] ?? opensItself(plan, item);
  return (
    <Box ref={frame} className={classes.lines} __vars={{ "--height": `${virtualizer.getTotalSize()}px` }}>
      <Box className={classes.window} __vars={{ "--offset": `${(visible[0]?.start ?? margin) - margin}px` }}>
        {visible.map(({ index, key }) => {
          const line = lines[index];
          if (!line) return null;
          return (
            <div key={key} ref={virtualizer.measureElement} data-index={index}>
              {line.type === "item" ? (
                <PlanRow
                  plan={plan}
                  item={line.item}
                  open={isOpen(line.item)}
                  onToggle={() => setOpened((old) => ({ ...old, [line.item.id]: !isOpen(line.item) }))}
                />
              ) : (
                <Heading line={line} />
              )}
            </div>
          );
        })}
      </Box>
    </Box>
  );
}

type Lines = Pick<Props, "scroller" | "above"> & { lines: PlanLine[]; key: string; shown: boolean };

/** The lines in sight. */
function useLines({ lines, scroller, key, above, shown }: Lines) {
  const frame = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    setMargin(frame.current?.offsetTop ?? 0);
  }, [above, shown]);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => LINE_PX[lines[index]?.type ?? "item"],
    getItemKey: (index) => lines[index]?.key ?? index,
    scrollMargin: margin,
    overscan: 10,
  });
  const before = useRef(key);
  useEffect(() => {
    // Another filter is another list, shown from its top.
    if (before.current !== key) void scroller.current?.scrollTo({ top: 0 });
    before.current = key;
  }, [key, scroller]);
  return { frame, virtualizer, margin };
}

function Heading({ line }: { line: Exclude<PlanLine, { type: "item" }> }) {
  const { t } = useLingui();
  if (line.type === "group") {
    const { vendor_name: vendor, direction } = line.item;
    return <h2 className={classes.group}>{direction === "in" ? t`From ${vendor}` : t`To ${vendor}`}</h2>;
  }
  const words = kindGroups[line.kind];
  return (
    <h3 className={classes.kindHead}>
      {words ? t(words) : fieldWords(line.kind)} {line.count !== null && <span className={classes.count}>{line.count}</span>}
    </h3>
  );
}
