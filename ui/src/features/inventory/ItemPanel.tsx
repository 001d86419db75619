/** One item beside the list: stock by location, movements, facts, sync, history. */
import { ActionIcon, Button, Menu, Skeleton, Stack } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { IconDots } from "@tabler/icons-react";
import { type ItemView, useRead } from "../../api";
import { Badge, ErrorState, Facts, formatQuantity, PanelSection, Price, RecordHistory, SidePanel, SyncList } from "../../shared";
import { kindWords } from "./kinds";
import { Levels } from "./Levels";
import { Movements } from "./Movements";
import { useArchiveItems } from "./useArchiveItems";

type Props = { id: string; onClose: () => void; onEdit: () => void; onStock: () => void };

export function ItemPanel({ id, onClose, onEdit, onStock }: Props) {
  const { t } = useLingui();
  const item = useRead("getItem", [id]);
  const view = item.data;
  if (!view) {
    return (
      <SidePanel title={t`Item`} onClose={onClose}>
        {item.error ? <ErrorState error={item.error} onRetry={() => void item.refetch()} /> : <PanelSkeleton />}
      </SidePanel>
    );
  }
  const { sku, name, kind } = view.draft;
  return (
    <SidePanel
      title={name}
      subtitle={view.archived ? <Badge tone="neutral" label={t`Archived`} /> : sku || undefined}
      onClose={onClose}
      actions={<MoreActions id={id} archived={view.archived} />}
      footer={
        <>
          <Button variant="default" onClick={onEdit}>{t`Edit`}</Button>
          {kind === "stocked" && <Button variant="default" disabled={view.archived} onClick={onStock}>{t`Change stock`}</Button>}
        </>
      }
    >
      <ItemDetails view={view} />
    </SidePanel>
  );
}

function MoreActions({ id, archived }: { id: string; archived: boolean }) {
  const { t } = useLingui();
  const archive = useArchiveItems();
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t`More actions`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void archive([id], !archived)}>{archived ? t`Bring back` : t`Archive`}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function ItemDetails({ view }: { view: ItemView }) {
  const { t } = useLingui();
  const { draft } = view;
  const choices = useRead("choices", []);
  const taxCode = choices.data?.tax_codes.find(({ id }) => id === draft.tax_code_id)?.name ?? t`Company's tax code`;
  const stocked = draft.kind === "stocked";
  return (
    <>
      {stocked && (
        <PanelSection title={t`Stock`}>
          <Levels levels={view.levels} />
        </PanelSection>
      )}
      <PanelSection title={t`Details`}>
        <Facts
          facts={[
            [t`Kind`, t(kindWords[draft.kind])],
            [t`Sales price`, <Price key="price" value={view.unit_price} tone="strong" />],
            [t`Purchase cost`, view.unit_cost && <Price key="cost" value={view.unit_cost} />],
            [t`Tax code`, taxCode],
            [t`Barcode`, draft.barcode],
            [t`Reorder point`, stocked ? formatQuantity(draft.reorder_point) : ""],
            [t`Description`, draft.description],
          ]}
        />
      </PanelSection>
      {stocked && (
        <PanelSection title={t`Movements`}>
          <Movements itemId={draft.id} />
        </PanelSection>
      )}
      <PanelSection title={t`Sync`}>
        <SyncList sync={view.sync} />
      </PanelSection>
      <PanelSection title={t`History`}>
        <RecordHistory kind="item" id={view.draft.id} version={view.draft.version} history={view.history} />
      </PanelSection>
    </>
  );
}

function PanelSkeleton() {
  return (
    <Stack gap="md" aria-busy>
      {["60%", "80%", "45%", "70%", "55%", "75%"].map((width) => (
        <Skeleton key={width} height={10} width={width} />
      ))}
    </Stack>
  );
}
