/** Finds records of all kinds while typing, and the actions and pages whose name fits. */
import "@mantine/spotlight/styles.layer.css";
import { Loader } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { IconBox, IconFileInvoice, IconPackage, IconPlus, IconRefresh, IconSearch, IconUsers } from "@tabler/icons-react";
import { type ComponentType, type ReactNode, useEffect, useState } from "react";
import { type SearchHit, useRead, useSyncNow } from "../../api";
import { notifyDone, notifyError, recordPath, useGo } from "../../shared";

export type SearchArea = { name: string; path: string; label: MessageDescriptor; icon: ComponentType<{ size?: number }> };

const [searchStore, searchBox] = createSpotlight();

const HITS = 12;

const kinds: Record<string, { label: MessageDescriptor; icon: ComponentType<{ size?: number }> }> = {
  customer: { label: msg`Customers`, icon: IconUsers },
  item: { label: msg`Items`, icon: IconBox },
  order: { label: msg`Orders`, icon: IconPackage },
  invoice: { label: msg`Invoices`, icon: IconFileInvoice },
};

type Entry = { id: string; label: string; description?: string; icon: ReactNode; run: () => void };

/** Opens each time `asked` grows. */
export function Search({ areas, asked }: { areas: SearchArea[]; asked: number }) {
  const { t } = useLingui();
  useEffect(() => {
    if (asked > 0) searchBox.open();
  }, [asked]);
  const [text, setText] = useState("");
  const [settled] = useDebouncedValue(text.trim(), 80);
  const hits = useRead("search", [settled, HITS], { enabled: settled !== "", keepPrevious: true });
  const entries = useActions(areas).filter((entry) => fits(entry.label, text));
  const found = settled === "" ? [] : (hits.data ?? []);
  const groups = [...new Set(found.map((hit) => hit.kind))];
  const nothing = found.length === 0 && entries.length === 0;

  return (
    <Spotlight.Root store={searchStore} query={text} onQueryChange={setText} shortcut={null} scrollable maxHeight={440} overlayProps={{ blur: 0, backgroundOpacity: 0.3 }} clearQueryOnClose attributes={{ content: { "aria-label": t`Find` } }}>
      <Spotlight.Search
        placeholder={t`Find a record or an action`}
        aria-label={t`Find a record or an action`}
        leftSection={hits.isFetching ? <Loader size={16} /> : <IconSearch size={16} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {groups.map((kind) => (
          <HitGroup key={kind} kind={kind} hits={found.filter((hit) => hit.kind === kind)} />
        ))}
        {entries.length > 0 && (
          <Spotlight.ActionsGroup label={t`Actions`}>
            {entries.map((entry) => (
              <Spotlight.Action key={entry.id} label={entry.label} leftSection={entry.icon} onClick={entry.run} />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {nothing && <Spotlight.Empty>{hits.error ? hits.error.message : t`Nothing found. Try fewer letters, a number or an e-mail.`}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function fits(label: string, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => label.toLowerCase().includes(word));
}

function HitGroup({ kind, hits }: { kind: string; hits: SearchHit[] }) {
  const { t } = useLingui();
  const go = useGo();
  const known = kinds[kind];
  const Icon = known?.icon ?? IconSearch;
  return (
    <Spotlight.ActionsGroup label={known ? t(known.label) : kind}>
      {hits.map((hit) => (
        <Spotlight.Action
          key={hit.id}
          label={hit.title}
          description={hit.subtitle}
          leftSection={<Icon size={16} />}
          onClick={() => {
            const target = recordPath(hit.kind, hit.id);
            if (target) go(target.path, target.search);
          }}
        />
      ))}
    </Spotlight.ActionsGroup>
  );
}

function useActions(areas: SearchArea[]): Entry[] {
  const { t } = useLingui();
  const go = useGo();
  const sync = useSyncNow({ onError: notifyError, onSuccess: () => notifyDone(t`Sync started`) });
  const make = <IconPlus size={16} />;
  return [
    { id: "new-invoice", label: t`New invoice`, icon: make, run: () => go("/invoices/new") },
    { id: "new-order", label: t`New order`, icon: make, run: () => go("/orders", { new: "1" }) },
    { id: "new-customer", label: t`New customer`, icon: make, run: () => go("/customers", { new: "1" }) },
    { id: "new-item", label: t`New item`, icon: make, run: () => go("/inventory", { new: "1" }) },
    { id: "new-payment", label: t`Record a payment`, icon: make, run: () => go("/payments", { new: "1" }) },
    { id: "stock", label: t`Look up stock`, icon: <IconBox size={16} />, run: () => go("/inventory/stock") },
    { id: "sync", label: t`Sync now`, icon: <IconRefresh size={16} />, run: () => sync.mutate([null]) },
    ...areas.map((area) => ({ id: area.name, label: t`Go to ${t(area.label)}`, icon: <area.icon size={16} />, run: () => go(area.path) })),
  ];
}
