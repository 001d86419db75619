/** A save found a newer version: shows where both differ and lets the owner choose. Nothing is overwritten unseen. */
import { Button, Group, Modal, Stack, Table, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import { Badge } from "./badges";
import { fieldWords } from "./fieldText";
import { type DraftDifference, differences, reapply } from "./mergeDraft";

type Props<D extends object> = {
  /** As loaded. */
  base: D;
  /** As typed. */
  mine: D;
  /** As saved now. */
  theirs: D;
  /** Puts the saved version into the form. */
  onTakeTheirs: (theirs: D) => void;
  /** Puts the typed changes on top of the saved version into the form, and saves. */
  onKeepMine: (merged: D) => void;
  onClose: () => void;
};

export function StaleDialog<D extends object>({ base, mine, theirs, onTakeTheirs, onKeepMine, onClose }: Props<D>) {
  const { t } = useLingui();
  const rows = useMemo(() => differences(base, mine, theirs), [base, mine, theirs]);
  return (
    <Modal opened onClose={onClose} title={t`This record changed in the meantime`} size="lg" zIndex={300}>
      <Stack gap="md">
        <Text size="sm">
          <Trans>Someone or a sync saved it after you opened it. Nothing was overwritten. These fields differ:</Trans>
        </Text>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t`Field`}</Table.Th>
              <Table.Th>{t`Yours`}</Table.Th>
              <Table.Th>{t`Saved now`}</Table.Th>
              <Table.Th>{t`Changed by`}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.path}>
                <Table.Td>{fieldWords(row.path)}</Table.Td>
                <Table.Td>{row.mine === "" ? t`(empty)` : row.mine}</Table.Td>
                <Table.Td>{row.theirs === "" ? t`(empty)` : row.theirs}</Table.Td>
                <Table.Td>
                  <ChangedBy who={row.changedBy} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {rows.length === 0 && <Text size="sm">{t`Both versions say the same.`}</Text>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => onTakeTheirs(theirs)}>
            <Trans>Use the saved version</Trans>
          </Button>
          <Button data-autofocus onClick={() => onKeepMine(reapply(base, mine, theirs))}>
            <Trans>Keep my changes on top</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function ChangedBy({ who }: { who: DraftDifference["changedBy"] }) {
  const { t } = useLingui();
  if (who === "both") return <Badge tone="warning" label={t`Both`} />;
  return <Badge tone="neutral" label={who === "me" ? t`You` : t`The other side`} />;
}
