/**
 * Answers "how many do we have, and where": SKU, name or barcode, results while typing. Made for a scanner too: it types
 * a code and Enter, which opens the best match. Arrows choose another one.
 */
import { Button, Loader, Skeleton, Stack, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useLingui } from "@lingui/react/macro";
import { IconBarcode } from "@tabler/icons-react";
import { clsx } from "clsx";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { type StockHit, useRead } from "../../api";
import { EmptyState, ErrorState, PageHeader, Price, ScrollPage, useGo, useSearchParams } from "../../shared";
import classes from "./inventory.module.css";
import { Levels } from "./Levels";
import { Quantity } from "./Quantity";
import { StockDialog } from "./StockDialog";

const HITS = 20;
const TYPING_MS = 80;

export function StockLookup({ views }: { views: ReactNode }) {
  const { t } = useLingui();
  const go = useGo();
  const [params, setParams] = useSearchParams();
  const [text, setText] = useState(params.q ?? "");
  const [settled] = useDebouncedValue(text.trim(), TYPING_MS);
  const [active, setActive] = useState(0);
  // A scanner's Enter comes before the answer does; it opens the answer to its own text, never that to an earlier one.
  const entered = useRef(false);
  const found = useRead("findStock", [settled, HITS], { enabled: settled !== "", keepPrevious: true });
  const hits = settled === "" ? [] : (found.data ?? []);
  useEffect(() => setParams({ q: settled === "" ? undefined : settled }), [settled, setParams]);
  const openItem = (hit: StockHit) => go("/inventory", { open: hit.item_id });
  const hit = hits[active];
  const answered = settled !== "" && settled === text.trim() && found.data !== undefined && !found.isPlaceholderData;
  useEffect(() => {
    if (!entered.current || !answered) return;
    entered.current = false;
    if (hit) go("/inventory", { open: hit.item_id });
  }, [answered, hit, go]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setActive(Math.min(active + 1, hits.length - 1));
    else if (event.key === "ArrowUp") setActive(Math.max(active - 1, 0));
    else if (event.key === "Enter" && answered && hit) openItem(hit);
    else if (event.key === "Enter") entered.current = !answered;
    else return;
    event.preventDefault();
  };
  return (
    <>
      <ScrollPage header={<PageHeader title={t`Inventory`} actions={views} />}>
        <div className={classes.lookup}>
          <TextInput
            size="md"
            autoFocus
            aria-label={t`SKU, name or barcode`}
            placeholder={t`SKU, name or barcode`}
            leftSection={found.isFetching ? <Loader size={16} /> : <IconBarcode size={18} aria-hidden />}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              entered.current = false;
              setActive(0);
            }}
            onFocus={(event) => event.currentTarget.select()}
            onKeyDown={onKeyDown}
          />
          <Results asked={settled} hits={hits} active={active} found={found} onOpen={openItem} onStock={(hit) => setParams({ stock: hit.item_id })} />
        </div>
      </ScrollPage>
      {params.stock !== undefined && <StockDialog itemId={params.stock} onClose={() => setParams({ stock: undefined })} />}
    </>
  );
}

type ResultsProps = {
  asked: string;
  hits: StockHit[];
  active: number;
  found: Pick<ReturnType<typeof useRead<"findStock">>, "isPending" | "error" | "refetch">;
  onOpen: (hit: StockHit) => void;
  onStock: (hit: StockHit) => void;
};

function Results({ asked, hits, active, found, onOpen, onStock }: ResultsProps) {
  const { t } = useLingui();
  if (asked === "") {
    return <EmptyState title={t`What are you looking for?`} text={t`Type part of a SKU or a name, or scan a barcode. Enter opens the first match.`} />;
  }
  if (found.error) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (found.isPending) {
    return (
      <Stack gap="xs" className={classes.loading} aria-busy>
        <Skeleton height={120} />
        <Skeleton height={120} />
      </Stack>
    );
  }
  if (hits.length === 0) {
    return <EmptyState title={t`Nothing with “${asked}”`} text={t`Check the code, or try a part of the name. Archived items are not shown.`} />;
  }
  return (
    <ul className={classes.hits} aria-label={t`Matches`}>
      {hits.map((hit, place) => (
        <Hit key={hit.item_id} hit={hit} active={place === active} onOpen={() => onOpen(hit)} onStock={() => onStock(hit)} />
      ))}
    </ul>
  );
}

function Hit({ hit, active, onOpen, onStock }: { hit: StockHit; active: boolean; onOpen: () => void; onStock: () => void }) {
  const { t } = useLingui();
  const codes = [hit.sku, hit.barcode].filter(Boolean).join(" · ");
  return (
    <li className={clsx(classes.hit, active && classes.active)} aria-current={active ? "true" : undefined}>
      <div className={classes.hitHead}>
        <div className={classes.hitName}>
          <span className={classes.hitTitle} title={hit.name}>
            {hit.name}
          </span>
          <span className={classes.quiet}>
            {codes !== "" && `${codes} · `}
            <Price value={hit.unit_price} />
          </span>
        </div>
        {hit.stocked ? (
          <dl className={classes.totals}>
            <Total label={t`On hand`} value={hit.on_hand} />
            <Total label={t`Allocated`} value={hit.allocated} />
            <Total label={t`Available`} value={hit.available} />
          </dl>
        ) : (
          <span className={classes.quiet}>{t`Not counted`}</span>
        )}
      </div>
      {hit.stocked && hit.levels.length > 0 && (
        <div className={classes.hitLevels}>
          <Levels levels={hit.levels} />
        </div>
      )}
      <div className={classes.hitActions}>
        <Button size="xs" variant="default" onClick={onOpen}>{t`Open item`}</Button>
        {hit.stocked && <Button size="xs" variant="default" onClick={onStock}>{t`Change stock`}</Button>}
      </div>
    </li>
  );
}

function Total({ label, value }: { label: string; value: string }) {
  return (
    <div className={classes.total}>
      <dt>{label}</dt>
      <dd>
        <Quantity value={value} />
      </dd>
    </div>
  );
}
