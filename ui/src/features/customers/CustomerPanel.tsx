/** One customer beside the list: what is owed, how to reach them, where they stand with each connection, what happened. */
import { ActionIcon, Anchor, Button, Menu, Skeleton, Stack } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { IconDots } from "@tabler/icons-react";
import { type CustomerView, useRead } from "../../api";
import {
  addressLines,
  Amount,
  Badge,
  ErrorState,
  Facts,
  formatMoment,
  isZero,
  mailLink,
  PanelSection,
  RecordHistory,
  SidePanel,
  SyncList,
  useGo,
} from "../../shared";
import { useArchiveCustomers } from "./useArchiveCustomers";

type Props = { id: string; onClose: () => void; onEdit: () => void };

export function CustomerPanel({ id, onClose, onEdit }: Props) {
  const { t } = useLingui();
  const customer = useRead("getCustomer", [id]);
  const view = customer.data;
  if (!view) {
    return (
      <SidePanel title={t`Customer`} onClose={onClose}>
        {customer.error ? <ErrorState error={customer.error} onRetry={() => void customer.refetch()} /> : <PanelSkeleton />}
      </SidePanel>
    );
  }
  const { display_name: name, company } = view.draft;
  return (
    <SidePanel
      title={name}
      subtitle={view.archived ? <Badge tone="neutral" label={t`Archived`} /> : company === name ? undefined : company || undefined}
      onClose={onClose}
      actions={<MoreActions id={id} archived={view.archived} />}
      footer={<PanelButtons id={id} archived={view.archived} onEdit={onEdit} />}
    >
      <CustomerDetails view={view} />
    </SidePanel>
  );
}

function PanelButtons({ id, archived, onEdit }: { id: string; archived: boolean; onEdit: () => void }) {
  const { t } = useLingui();
  const go = useGo();
  return (
    <>
      <Button variant="default" onClick={onEdit}>{t`Edit`}</Button>
      <Button variant="default" disabled={archived} onClick={() => go("/invoices/new", { customer: id })}>{t`New invoice`}</Button>
    </>
  );
}

function MoreActions({ id, archived }: { id: string; archived: boolean }) {
  const { t } = useLingui();
  const archive = useArchiveCustomers();
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

function CustomerDetails({ view }: { view: CustomerView }) {
  const { t } = useLingui();
  const { draft } = view;
  const choices = useRead("choices", []);
  const terms = choices.data?.terms.find(({ id }) => id === draft.terms_id)?.name ?? t`Company's terms`;
  const overdue = !isZero(view.overdue_balance);
  return (
    <>
      <PanelSection title={t`Balance`}>
        <Facts
          facts={[
            [t`Open`, <Amount key="open" value={view.open_balance} tone="strong" />],
            [t`Overdue`, <Amount key="overdue" value={view.overdue_balance} quietZero {...(overdue && { tone: "problem" as const })} />],
            [t`Terms`, terms],
          ]}
        />
      </PanelSection>
      <PanelSection title={t`Contact`}>
        <Facts
          facts={[
            [t`E-mail`, draft.email === "" ? "" : <Anchor key="email" href={mailLink(draft.email)} inherit>{draft.email}</Anchor>],
            [t`Telephone`, draft.phone],
            [t`Bill to`, addressLines(draft.billing).join("\n")],
            [t`Ship to`, addressLines(draft.shipping).join("\n")],
            [t`Notes`, draft.notes],
            [t`Customer since`, formatMoment(view.created_at)],
          ]}
        />
      </PanelSection>
      <PanelSection title={t`Sync`}>
        <SyncList sync={view.sync} />
      </PanelSection>
      <PanelSection title={t`History`}>
        <RecordHistory kind="customer" id={view.draft.id} version={view.draft.version} history={view.history} />
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
